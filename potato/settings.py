"""Settings of Potato; values come from the environment (see .env.example), nothing else reads it."""

from datetime import date
from pathlib import Path

import environ
from csp.constants import NONCE
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")


def required(name: str, how: str) -> str:
    """A setting without a safe default: starting says which one is missing and how to set it."""
    value = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {how}")
    return value


# Which process this is: web, events, relay, worker, beat, or a command. Web and events have PostgreSQL's short deadlines.
POTATO_PROCESS = env.str("POTATO_PROCESS", default="command")

# Safety
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = required(
    "SECRET_KEY",
    "Any long random text; python -c 'import secrets; print(secrets.token_urlsafe(50))' makes one.",
)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if DEBUG else [])
CSRF_FAILURE_VIEW = "potato.web.errors_pages.csrf_failure"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
if not DEBUG:
    if len(SECRET_KEY) < 50:
        raise ImproperlyConfigured("SECRET_KEY must have at least 50 characters when DEBUG is off.")
    if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured(
            "ALLOWED_HOSTS must name this site's hosts when DEBUG is off, without '*'."
        )
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if not DEBUG:
    # Off only where people reach the site by plain HTTP on the machine itself: browsers would keep secure cookies back.
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
ADMIN_PATH = env.str("ADMIN_PATH", default="admin/").strip("/") + "/"

# This installation among others on one machine
POTATO_PREFIX = env.str("POTATO_PREFIX", default="potato")
POTATO_PORT = env.str("POTATO_PORT", default="")
_cookie_suffix = f"_{POTATO_PORT}" if POTATO_PORT else ""
SESSION_COOKIE_NAME = f"sessionid{_cookie_suffix}"
CSRF_COOKIE_NAME = f"csrftoken{_cookie_suffix}"
LANGUAGE_COOKIE_NAME = f"language{_cookie_suffix}"
MESSAGES_COOKIE_NAME = f"messages{_cookie_suffix}"
PREFERENCES_COOKIE_NAME = f"prefs{_cookie_suffix}"
LIST_COOKIE_NAME = f"list{_cookie_suffix}"
LANGUAGE_COOKIE_SAMESITE = SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True

# Applications
INSTALLED_APPS = [
    "accounts",
    "shops",
    "catalog",
    "prices",
    "alerts",
    "potato.apps.HardenedAdmin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.contrib.postgres",
    "django.contrib.sites",
    "django.contrib.sitemaps",
    "allauth",
    "allauth.account",
    "django_htmx",
    "leaflet",
    "mailer",
    "django_celery_beat",
]
SITE_ID = 1
MIDDLEWARE = [
    # Before all that may answer with an error page, which asks for request.htmx.
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "potato.web.middleware.StoresMiddleware",
    "potato.web.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "potato.urls"
WSGI_APPLICATION = "potato.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "potato.context.site",
            ],
            "builtins": ["potato.templatetags.look"],
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# PostgreSQL: who, where, what, and what was promised
DATABASE_URL = required(
    "DATABASE_URL", "postgis://user@host/database; `bin/services env` prints the local one."
)
DATABASES = {"default": env.db_url_config(DATABASE_URL, engine="potato.stores.postgis")}
DATABASES["default"].setdefault("OPTIONS", {})
if POTATO_PROCESS in ("web", "events"):
    from potato.stores.postgres import web_database, web_options

    DATABASES["default"].update(web_database())
    DATABASES["default"]["OPTIONS"].update(web_options())
else:
    DATABASES["default"].update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
    DATABASES["default"]["OPTIONS"].update(connect_timeout=5)

# MongoDB: how much and when
MONGODB_URL = required(
    "MONGODB_URL", "mongodb://host/database?replicaSet=name; `bin/services env` prints the local one."
)

# Redis: only what may be lost. One database number for each alias: django-redis shares pools by URL. Copies of sessions lie
# beside what else the page of a member is made of: one call reads all of it.
REDIS_URL = required(
    "REDIS_URL", "redis://host:port without a database number; `bin/services env` prints the local one."
).rstrip("/")
REDIS_BROKER, REDIS_FRAGMENTS, REDIS_LIVE = (f"{REDIS_URL}/{number}" for number in (0, 2, 3))


def redis_cache(url: str, *, seconds: int) -> dict[str, object]:
    return {
        "BACKEND": "potato.stores.redis.BreakingCache",
        "LOCATION": url,
        "TIMEOUT": seconds,
        "KEY_PREFIX": POTATO_PREFIX,
        # Raised when the form of the values changes: older processes, which still run meanwhile, cannot read the new one.
        "VERSION": 2,
        "OPTIONS": {"SERIALIZER": "django_redis.serializers.msgpack.MSGPackSerializer"},
    }


CACHES = {
    # allauth counts its attempts in "default": they must hold when Redis is away, so they live in PostgreSQL.
    "default": {
        "BACKEND": "potato.stores.cache.StrictDatabaseCache",
        "LOCATION": "cache",
        "KEY_PREFIX": POTATO_PREFIX,
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    "sessions": redis_cache(REDIS_LIVE, seconds=300),
    "template_fragments": redis_cache(REDIS_FRAGMENTS, seconds=300),
}
SESSION_ENGINE = "potato.stores.sessions"
SESSION_CACHE_ALIAS = "sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 60

# Work in the background
CELERY_BROKER_URL = REDIS_BROKER
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = POTATO_PREFIX
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": f"{POTATO_PREFIX}:",
    "visibility_timeout": 1200,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
}
# A worker that has taken nothing for so long while work waited has gone deaf, and is started again.
WORKER_DEAF_SECONDS = 60.0
CELERY_TIMEZONE = "Asia/Yangon"
CELERY_BEAT_SCHEDULER = "potato.beat:Scheduler"
CELERY_BEAT_SYNC_EVERY = 1
EVENTS_URL = env.str("EVENTS_URL", default="")
# Where the relay tells the events process of published prices: channels of Redis know no database numbers.
PUBLISHED_CHANNEL = f"{POTATO_PREFIX}:published"
# Where it learns of new notifications.
NOTIFIED_CHANNEL = f"{POTATO_PREFIX}:notified"

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.SignIn"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "profile"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupForm"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Potato: "
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "signup": "accounts.entrance.SignupForm",
    "login": "accounts.entrance.LoginForm",
    "add_email": "accounts.entrance.AddEmailForm",
    "change_password": "accounts.entrance.ChangePasswordForm",
    "reset_password": "accounts.entrance.ResetPasswordForm",
    "reset_password_from_key": "accounts.entrance.ResetPasswordKeyForm",
    "reauthenticate": "accounts.entrance.ReauthenticateForm",
}
ACCOUNT_MAX_EMAIL_ADDRESSES = 3
# A session alone takes no account over: addresses are changed by who gave the password in the last five minutes.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
# Generous for an address of the network (a mobile carrier's is shared by thousands), strict for an account's.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/m/ip,5/5m/key",
    "signup": "20/m/ip,200/d/ip",
    "confirm_email": "1/3m/key,5/d/key",
    "reset_password": "20/m/ip,3/15m/key",
}
# Behind proxies the client's address is the one that the outermost of them saw.
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

# Mail waits in PostgreSQL and a worker sends it: no web request waits for a mail server.
EMAIL_BACKEND = "mailer.backend.DbBackend"
_mail = env.email_url("EMAIL_URL", default="consolemail://")
MAILER_EMAIL_BACKEND = _mail.pop("EMAIL_BACKEND")
globals().update(_mail)
# Rows are locked while they are sent. A lock file would outlive a killed worker, and no mail would go out again.
MAILER_USE_FILE_LOCK = False
MAILER_ERROR_HANDLER = "accounts.mail.defer"
# Mails hold links that open accounts: what was sent is not kept, only that it was.
MAILER_EMAIL_LOG_MESSAGE_DATA = False
# A mail server that fails so often in a row is away: the rest waits for the next round.
MAILER_EMAIL_MAX_DEFERRED = 5
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Potato <potato@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Languages and time
# What pages without a prefix are in, whoever asks: addresses, links and kept pages rest on it.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("my", _("Burmese"))]
# For who has not chosen and whose address says nothing: a first visit without a word on languages, accounts that staff make.
POTATO_LANGUAGE = env.str("LANGUAGE_CODE", default="en")
if POTATO_LANGUAGE not in dict(LANGUAGES):
    raise ImproperlyConfigured("LANGUAGE_CODE must be en or my.")
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="Asia/Yangon")
_as_of = env.str("POTATO_AS_OF", default="")
try:
    POTATO_AS_OF = date.fromisoformat(_as_of) if _as_of else None
except ValueError:
    raise ImproperlyConfigured(f"POTATO_AS_OF is a day such as 2025-12-15, not {_as_of!r}.") from None
if POTATO_AS_OF and not DEBUG:
    raise ImproperlyConfigured("POTATO_AS_OF is for development and tests; unset it or set DEBUG=true.")

# Static files, maps
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "potato.web.scripts.Finder",
]
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / ".local" / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# No other site needs them, and the header comes with each.
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_MAX_AGE = 60 if DEBUG else 60 * 60 * 24 * 365
TILES_URL = env.str("TILES_URL", default="")
TILES_CREDIT = env.str("TILES_CREDIT", default="")
LEAFLET_CONFIG = {
    "DEFAULT_CENTER": (19.8, 96.1),
    "DEFAULT_ZOOM": 6,
    "MIN_ZOOM": 4,
    "MAX_ZOOM": 18,
    "TILES": [("Tiles", TILES_URL, {})] if TILES_URL else [],
    "RESET_VIEW": False,
    "ATTRIBUTION_PREFIX": "",
}

# What pages may load
_events = [EVENTS_URL] if EVENTS_URL else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"] + ([TILES_URL.split("{")[0]] if TILES_URL else []),
        "style-src": ["'self'"],
        # The nonce is for the map of a position in the admin; a page that does not ask for one has none.
        "script-src": ["'self'", NONCE],
        "connect-src": ["'self'", *_events],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    },
}

# Logs go to standard output; whoever runs the process keeps them. What an outage of a store leaves of them: potato/logs.py.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "potato.logs.LineFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "filters": {
        "outages": {"()": "potato.logs.Outages"},
        "served_without": {"()": "potato.logs.ServedWithout"},
        "refusals": {"()": "potato.logs.Refusals"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["refusals"]},
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        # Django's own handlers would write each line a second time where DEBUG is on.
        "django": {"handlers": [], "level": "INFO"},
        "django.request": {"level": "ERROR", "filters": ["served_without"]},
        "psycopg.pool": {"level": "ERROR"},
        **{
            name: {"filters": ["outages"]}
            for name in (
                "celery.beat",
                "celery.bootsteps",
                "celery.worker",
                "celery.worker.consumer.consumer",
                "django_celery_beat.schedulers",
                "kombu.asynchronous.hub",
                "kombu.connection",
            )
        },
    },
}

# How many acts a person may send: survives Redis, counted in the ledger itself.
SUBMISSIONS_PER_HOUR = env.int("SUBMISSIONS_PER_HOUR", default=300)
REPORTS_PER_HOUR = env.int("REPORTS_PER_HOUR", default=20)
REPORTS_PER_DAY = env.int("REPORTS_PER_DAY", default=60)
NEW_ACCOUNT_REPORTS_PER_HOUR = env.int("NEW_ACCOUNT_REPORTS_PER_HOUR", default=5)
NEW_ACCOUNT_REPORTS_PER_DAY = env.int("NEW_ACCOUNT_REPORTS_PER_DAY", default=20)
MOST_FOLLOWS = 500
"""Shops and items together. What a member's document in Redis may hold goes by it (``potato/stores/member_documents.py``)."""
MOST_ALERT_RULES = 200
# gis.W001 warns of spatial files from strangers, which Potato never opens; Debian 12's GDAL is older than it wants.
SILENCED_SYSTEM_CHECKS = ["gis.W001"]
