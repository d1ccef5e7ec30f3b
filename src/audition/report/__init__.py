"""Reports: functions of a run file. View data in one file, one file for each format."""
