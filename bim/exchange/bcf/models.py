"""BCF files that were uploaded to a site, and what was taken from them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from spatial.hazards.models import Hazard
from spatial.scope import SiteRow


class BcfImport(SiteRow):
    """An uploaded file, kept by its hash; the same file again is the same row."""

    file_name = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField(_("hash of the file"), max_length=64)
    version = models.CharField(_("BCF version"), max_length=8)
    topic_count = models.PositiveIntegerField(_("topics"))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded"))

    class Meta:
        verbose_name = _("BCF file")
        verbose_name_plural = _("BCF files")
        ordering = ["-uploaded_at"]
        constraints = [models.UniqueConstraint(fields=["site", "sha256"], name="bcf_file_once_per_site")]

    def __str__(self) -> str:
        return self.file_name


class ImportedTopic(SiteRow):
    """A topic of another tool and the ticket that was made of it. Its author is a text, never one of our users.

    `viewpoint` is where its first camera stands and what it sees, on the map: {"position", "target": [longitude,
    latitude (EPSG:4490), height (Yellow Sea m)]} and what `showing.shown_of` tells; {} where that is not known.
    """

    guid = models.UUIDField("GUID")
    hazard = models.OneToOneField(
        Hazard, on_delete=models.CASCADE, related_name="bcf_topic", verbose_name=_("ticket")
    )  # fmt: skip
    source = models.ForeignKey(
        BcfImport, on_delete=models.PROTECT, related_name="imported_topics", verbose_name=_("BCF file")
    )
    topic_type = models.CharField(_("type"), max_length=200, blank=True)
    status = models.CharField(_("status"), max_length=200, blank=True)
    author = models.CharField(_("author"), max_length=200, blank=True)
    creation_date = models.DateTimeField(_("created"), null=True)
    viewpoint = models.JSONField(_("viewpoint"), default=dict)

    class Meta:
        verbose_name = _("topic of a BCF file")
        verbose_name_plural = _("topics of BCF files")
        constraints = [models.UniqueConstraint(fields=["site", "guid"], name="bcf_topic_once_per_site")]

    def __str__(self) -> str:
        return str(self.guid)


class ImportedComment(SiteRow):
    """A remark that came with a BCF file. Its author is a text, never one of our users."""

    hazard = models.ForeignKey(
        Hazard, on_delete=models.CASCADE, related_name="bcf_comments", verbose_name=_("ticket")
    )  # fmt: skip
    guid = models.UUIDField("GUID")
    source = models.ForeignKey(
        BcfImport, on_delete=models.PROTECT, related_name="imported_comments", verbose_name=_("BCF file")
    )
    author = models.CharField(_("author"), max_length=200, blank=True)
    date = models.DateTimeField(_("date"))
    text = models.TextField(_("text"))

    class Meta:
        verbose_name = _("comment of a BCF file")
        verbose_name_plural = _("comments of BCF files")
        ordering = ["date", "id"]
        constraints = [models.UniqueConstraint(fields=["hazard", "guid"], name="bcf_comment_once_per_ticket")]

    def __str__(self) -> str:
        return f"{self.author}: {self.text[:40]}"
