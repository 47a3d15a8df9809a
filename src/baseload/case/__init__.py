"""What is studied and agreed: a folder of text files, checked and in canonical units."""
