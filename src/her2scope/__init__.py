"""HER2Scope: HER2 immunohistochemistry scored field by field, at the microscope (research use only)."""
