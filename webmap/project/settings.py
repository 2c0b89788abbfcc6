"""Django settings. Everything that differs between instances comes from `environment.py`."""

import os
from pathlib import Path

import pyogrio
import shapely
from django.utils.translation import gettext_lazy as _

from .environment import ROOT, read_environment

ENVIRONMENT = read_environment()
BASE_DIR = ROOT


def _bundled(package: str, pattern: str) -> str | None:
    """Return the shared library that a wheel carries (newer than the distribution's), or None."""
    found = sorted((Path(package).parent.parent).glob(pattern))
    return str(found[0]) if found else None


if gdal := _bundled(pyogrio.__file__, "pyogrio.libs/libgdal*.so*"):
    GDAL_LIBRARY_PATH = gdal
if geos := _bundled(shapely.__file__, "shapely.libs/libgeos_c*.so*"):
    GEOS_LIBRARY_PATH = geos


def _secret_key() -> str:
    file = ENVIRONMENT.secrets_dir / "django_secret_key"
    if file.is_file():
        return file.read_text(encoding="ascii").strip()
    return os.environ.get("TWINWALL_SECRET_KEY", "only-for-commands-that-serve-nobody")


SECRET_KEY = _secret_key()
DEBUG = os.environ.get("TWINWALL_DEBUG") == "1"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "testserver", *filter(None, [ENVIRONMENT.http_host])]
if ENVIRONMENT.http_host not in ("127.0.0.1", "localhost"):
    ALLOWED_HOSTS = ["*"]

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.contrib.postgres",
    "axes",
    "leaflet",
    "django_htmx",
    "treebeard",
    "spatial.places",
    "spatial.people",
    "spatial.rulebook",
    "spatial.ledger",
    "spatial.notices",
    "spatial.risks",
    "spatial.public_risks",
    "spatial.devices",
    "spatial.cameras",
    "spatial.zones",
    "spatial.wearing",
    "spatial.permits",
    "spatial.commands",
    "spatial.tracks",
    "spatial.observations",
    "spatial.fences",
    "spatial.attendance",
    "spatial.privacy",
    "spatial.control_lists",
    "spatial.hazards",
    "spatial.alarms",
    "spatial.patrols",
    "spatial.major_hazards",
    "spatial.machines",
    "spatial.planning",
    "spatial.musters",
    "spatial.assessments",
    "spatial.cards",
    "bim",
    "bim.revisions",
    "bim.fall_edges",
    "bim.readiness",
    "bim.exchange.bcf",
    "bim.exchange.ids",
    "ingest",
    "webmap",
    "webmap.demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "webmap.project.packing.PackTextMiddleware",
    "webmap.project.security.SecurityHeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "webmap.project.language.AccountLanguageMiddleware",
    "webmap.project.security.LoginRequiredOrApiMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "webmap.project.deadlocks.DeadlockMiddleware",
]

ROOT_URLCONF = "webmap.project.urls"
ASGI_APPLICATION = "webmap.project.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "webmap" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

_OWNER = os.environ.get("TWINWALL_DB_ROLE") == "owner"
_POOLED = os.environ.get("TWINWALL_DB_POOL") == "1"
DATABASES = {
    "default": {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "NAME": ENVIRONMENT.pg_database,
        "HOST": ENVIRONMENT.pg_host,
        "PORT": ENVIRONMENT.pg_port,
        "USER": "twinwall_owner" if _OWNER else "twinwall_app",
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": _POOLED,
        "OPTIONS": {
            "application_name": "twinwall",
            # The web process shares a few connections between its requests; forking workers must not.
            **({"pool": {"min_size": 2, "max_size": 24, "timeout": 30}} if _POOLED else {}),
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_CALLABLE = "webmap.pages.accounts.locked_out"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
SESSION_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale", *sorted((BASE_DIR / "webmap" / "pages").glob("*/locale"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_IMMUTABLE_FILE_TEST = r"/build/assets/.+-[\w-]{8}\.\w+$"
MEDIA_ROOT = ENVIRONMENT.media_root
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

_redis = ENVIRONMENT.redis_url
_celery_redis = _redis.replace("unix://", "redis+socket://", 1)
CELERY_BROKER_URL = _celery_redis
CELERY_RESULT_BACKEND = _celery_redis
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_TASK_ROUTES = {"alarms.watch": {"queue": "watch"}, "machines.follow_papers": {"queue": "watch"}}
CELERY_BEAT_SCHEDULE = {
    "fence traces": {"task": "fences.forget_traces", "schedule": 3600.0},
    "machine traces": {"task": "machines.forget_traces", "schedule": 3600.0},
    "position partitions": {"task": "tracks.make_partitions", "schedule": 6 * 3600.0},
    "folding of tracks": {"task": "tracks.fold", "schedule": 600.0, "options": {"expires": 500}},
    "messages that nobody can send again": {"task": "tracks.forget_messages", "schedule": 24 * 3600.0},
    "signals past their time": {"task": "alarms.forget_signals", "schedule": 24 * 3600.0},
    "refused messages past their time": {"task": "privacy.forget_refused", "schedule": 24 * 3600.0},
    "papers of devices that end": {"task": "devices.remind_of_expiry", "schedule": 24 * 3600.0},
    "certificates of people that end": {"task": "people.remind_of_expiry", "schedule": 24 * 3600.0},
    "papers of machines that end": {"task": "machines.follow_papers", "schedule": 300.0, "options": {"expires": 290}},
    "observation partitions": {"task": "observations.make_partitions", "schedule": 6 * 3600.0},
    "watch over alarms": {"task": "alarms.watch", "schedule": 5.0, "options": {"expires": 5}},
    "positions past their time": {"task": "privacy.age_out_positions", "schedule": 24 * 3600.0},
    "imports that nobody has": {"task": "bim.take_up_imports", "schedule": 60.0, "options": {"expires": 50}},
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": _redis}}

TWINWALL_REDIS_URL = _redis
TWINWALL_MQTT_HOST = ENVIRONMENT.mqtt_host
TWINWALL_MQTT_PORT = ENVIRONMENT.mqtt_port
TWINWALL_MQTT_OWN_PORT = ENVIRONMENT.mqtt_own_port
TWINWALL_MQTT_OPEN_PORT = ENVIRONMENT.mqtt_open_port
TWINWALL_MQTT_TLS_PORT = ENVIRONMENT.mqtt_tls_port
TWINWALL_JT808_HOST = ENVIRONMENT.jt808_host
TWINWALL_JT808_PORT = ENVIRONMENT.jt808_port
TWINWALL_DATA_ROOT = ENVIRONMENT.data_root
TWINWALL_SECRETS_DIR = ENVIRONMENT.secrets_dir
# Ports of this machine at which a camera may be asked (the demo's own); no other address of the server ever is.
TWINWALL_CAMERA_OWN_PORTS = [int(p) for p in os.environ.get("TWINWALL_CAMERA_OWN_PORTS", "").split(",") if p]
TWINWALL_IMPORT_SECONDS = float(ENVIRONMENT.import_seconds)
TWINWALL_IMPORT_MEMORY_MB = ENVIRONMENT.import_memory_mb
TWINWALL_IMPORT_DISK_MB = ENVIRONMENT.import_disk_mb
TWINWALL_IMPORT_PROCESSES = ENVIRONMENT.import_processes

LEAFLET_CONFIG = {
    "DEFAULT_CENTER": (34.765, 113.77),
    "DEFAULT_ZOOM": 16,
    "MIN_ZOOM": 3,
    "MAX_ZOOM": 22,
    "TILES": [],
    "ATTRIBUTION_PREFIX": "",
    "RESET_VIEW": False,
    "PLUGINS": {},
}
UNFOLD = {
    "SITE_TITLE": "Twinwall",
    "SITE_HEADER": "Twinwall",
    "SITE_SUBHEADER": _("Dual prevention"),
    "SITE_SYMBOL": "shield",
    "SITE_URL": "/",
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "6px",
}
SILENCED_SYSTEM_CHECKS: list[str] = []
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
