"""Dispatch of one busbar: merit order, plant ramp and HiGHS, with a certificate."""
