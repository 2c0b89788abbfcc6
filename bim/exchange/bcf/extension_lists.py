"""How the versions name the lists of values that a project allows."""

from __future__ import annotations

from typing import Final

GROUPS: Final = {  # field of Extensions: (3.0 group, 3.0 value, type in the extensions.xsd of 2.0 and 2.1)
    "topic_types": ("TopicTypes", "TopicType", "TopicType"),
    "topic_statuses": ("TopicStatuses", "TopicStatus", "TopicStatus"),
    "priorities": ("Priorities", "Priority", "Priority"),
    "topic_labels": ("TopicLabels", "TopicLabel", "TopicLabel"),
    "users": ("Users", "User", "UserIdType"),
    "snippet_types": ("SnippetTypes", "SnippetType", "SnippetType"),
    "stages": ("Stages", "Stage", "Stage"),
}
