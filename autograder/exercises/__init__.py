"""The exercises: a folder for each chapter, a file for each exercise."""
