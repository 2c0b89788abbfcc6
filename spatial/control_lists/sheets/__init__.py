"""The official forms of control lists as Excel workbooks: written to print, and read as people really fill them."""
