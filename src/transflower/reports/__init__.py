"""Reports: what is measured, as files and pages."""
