"""When people were inside a site's fence, posts that must be manned, and what a person says beside it.

Attendance itself is not stored: it is computed from the marks, so that a late position corrects it.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from spatial.scope import SiteRow


class PresenceMark(models.Model):
    """The first and last moment within five minutes at which a person was inside the site, and outside it.

    Taking the earliest and latest of what comes, in whatever order, gives the same mark; it holds no place.
    """

    id = models.BigAutoField(primary_key=True)
    site = models.ForeignKey("places.Site", on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="presence_marks")
    bucket = models.DateTimeField(_("five minutes from"))
    first_inside = models.DateTimeField(null=True)
    last_inside = models.DateTimeField(null=True)
    first_outside = models.DateTimeField(null=True)
    last_outside = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("mark of presence")
        verbose_name_plural = _("marks of presence")
        constraints = [models.UniqueConstraint(fields=["person", "bucket"], name="presence_mark_once")]
        indexes = [models.Index(fields=["site", "bucket"], name="marks_of_site_by_time")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.bucket}"


class Correction(SiteRow):
    """What somebody says of a person's day where the fence saw otherwise; it stands beside, never over it."""

    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="corrections")
    day = models.DateField(_("day"))
    came_at = models.DateTimeField(_("came"))
    left_at = models.DateTimeField(_("left"))
    reason = models.CharField(_("reason"), max_length=300)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("correction of attendance")
        verbose_name_plural = _("corrections of attendance")
        constraints = [
            models.CheckConstraint(
                name="correction_ends_after_start", condition=models.Q(left_at__gt=models.F("came_at"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.day}"


class Post(SiteRow):
    """A post that must be manned in a period: by a trade or by named people, on the site or in one zone."""

    name = models.CharField(_("name"), max_length=80)
    trade = models.CharField(_("trade"), max_length=40, blank=True)
    people = models.ManyToManyField("people.Person", blank=True, related_name="posts", verbose_name=_("people"))
    zone = models.ForeignKey("zones.Zone", on_delete=models.CASCADE, null=True, blank=True, related_name="posts")
    starts = models.TimeField(_("starts"))
    ends = models.TimeField(_("ends"))
    weekdays = models.JSONField(_("weekdays, 1 is Monday"), default=list)
    at_least = models.PositiveSmallIntegerField(_("at least"), default=1)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        constraints = [
            models.UniqueConstraint(
                fields=["site", "name"], condition=models.Q(active=True), name="manned_post_name_once_per_site"
            )
        ]

    def __str__(self) -> str:
        return self.name


class PostMark(models.Model):
    """The first and last moment within five minutes at which somebody of a post was there."""

    id = models.BigAutoField(primary_key=True)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="marks")
    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+")
    bucket = models.DateTimeField(_("five minutes from"))
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        verbose_name = _("mark of a post")
        verbose_name_plural = _("marks of posts")
        constraints = [models.UniqueConstraint(fields=["post", "bucket", "person"], name="post_mark_once")]

    def __str__(self) -> str:
        return f"{self.post_id} {self.bucket}"
