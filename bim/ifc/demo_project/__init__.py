"""The demo's own small project: 郑东示范塔楼 (site code ``ZD-TOWER``), written as IFC4 with ``ifcopenshell.api``.

``dimensions`` and ``site_layout`` are pure numbers and import nothing of IfcOpenShell; everything that the demo
draws, anchors or walks on (model, site plan, zones, routes) is computed from these two.
"""
