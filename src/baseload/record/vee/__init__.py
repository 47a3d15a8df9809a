"""Validation, estimation and editing of meter readings: raw values stay, estimates say how."""
