"""Every setting, read from the environment once, grouped by what it is about.

COUNTINGHOUSE_MODE is the one switch:
  demo         (default) answers on this machine only, plain http, a secret of its own kept in var/
  production   https, hardened cookies, refuses to start with a weak secret or with DEBUG
  test         chosen by itself under pytest
"""

import contextlib
import os
import secrets
import sys
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import environ
import fontpkg_inter
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent

# --- Mode -----------------------------------------------------------------------------------------

MODE = env.str("COUNTINGHOUSE_MODE", default="test" if "pytest" in sys.modules else "demo")
if MODE not in {"demo", "production", "test"}:
    raise ImproperlyConfigured(f"COUNTINGHOUSE_MODE is {MODE!r}; it must be demo, production or test.")
PRODUCTION = MODE == "production"
TESTING = MODE == "test"

DEBUG = env.bool("DEBUG", default=False)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG must be off in production: its error pages show data and settings.")

# What this installation writes: the embedded database and broker, collected static files, the demo secret.
VAR = Path(env.str("COUNTINGHOUSE_VAR", default=str(BASE_DIR / "var"))).resolve()
STATIC_ROOT = VAR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)

# --- Secret ---------------------------------------------------------------------------------------


def _own_secret() -> str:
    """Return the secret of this demo installation, made on first use and readable by its owner alone."""
    if TESTING:
        return secrets.token_urlsafe(64)
    path = VAR / "secret-key"
    if not path.exists():
        with NamedTemporaryFile("w", dir=VAR, prefix="secret-key-") as file:
            file.write(secrets.token_urlsafe(64))
            file.flush()
            # Linking is all or nothing: of several processes starting at once, one makes the secret.
            with contextlib.suppress(FileExistsError):
                os.link(file.name, path)
    return path.read_text()


def _strong_secret() -> str:
    """Return SECRET_KEY from the environment; refuse one that can be guessed."""
    secret = env.str("SECRET_KEY", default="")
    if len(secret) < 50 or len(set(secret)) < 10 or secret.startswith("django-insecure-"):
        raise ImproperlyConfigured(
            "SECRET_KEY is missing or weak: production needs at least 50 random characters. "
            "Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(64))'"
        )
    return secret


SECRET_KEY = _strong_secret() if PRODUCTION else _own_secret()
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

# --- Applications and middleware ------------------------------------------------------------------

INSTALLED_APPS = [
    "config",
    "real_hours",
    "demo",
    "bench",
    "accounting",
    "billing",
    "projects",
    "core",
    "django_filters",
    "django_tables2",
    "django_htmx",
    "axes",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "core.kept_forms.SignInRequired",
    "config.middleware.CompanyClock",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.middleware.NudgeWorker",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Database -------------------------------------------------------------------------------------

# IMMEDIATE takes the write lock at BEGIN, so web and worker wait for one another instead of failing;
# recursive_triggers lets the guards see the delete inside INSERT OR REPLACE; FULL keeps what was promised.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;PRAGMA recursive_triggers=ON"
    ),
}


def _postgresql_options() -> dict[str, Any]:
    """Return limits on how long a statement may hold up the others."""
    limits = {
        "lock_timeout": env.int("DATABASE_LOCK_TIMEOUT_MS", default=3_000),
        "statement_timeout": env.int("DATABASE_STATEMENT_TIMEOUT_MS", default=0),
        "idle_in_transaction_session_timeout": env.int("DATABASE_IDLE_TIMEOUT_MS", default=30_000),
    }
    # Compiling a statement takes longer than running any of ours.
    return {"options": " ".join(f"-c {name}={value}" for name, value in (limits | {"jit": "off"}).items())}


def _database() -> dict[str, Any]:
    """Return the database of DATABASE_URL, or the embedded one; refuse what has no guards written for it."""
    url = env.str("DATABASE_URL", default="")
    if not url:
        name = VAR / "countinghouse.sqlite3"
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": SQLITE_OPTIONS}
    # What is misspelt would otherwise be taken for a file name, or end in the driver's own words.
    if not url.startswith(("postgres://", "postgresql://", "sqlite:///")):
        # Only the beginning is repeated: the rest may hold a password.
        start = repr(url.partition("://")[0]) if "://" in url else "no protocol"
        raise ImproperlyConfigured(
            f"DATABASE_URL starts with {start}; Countinghouse runs on PostgreSQL "
            "(postgres://user:password@host:5432/name) or SQLite (sqlite:////path/to/file, or empty)."
        )
    try:
        database = env.db_url_config(url)
    except ValueError as error:
        # Without the driver's words: they repeat what may be part of a password.
        raise ImproperlyConfigured(
            "DATABASE_URL cannot be read: write special characters of the password as %XX "
            "and the port in digits."
        ) from error
    if not database["NAME"] or database["NAME"] == ":memory:":
        raise ImproperlyConfigured("DATABASE_URL names no database that several programs can share.")
    if database["ENGINE"] == "django.db.backends.sqlite3":
        return {**database, "OPTIONS": {**database.get("OPTIONS", {}), **SQLITE_OPTIONS}}
    return {
        **database,
        "OPTIONS": {**database.get("OPTIONS", {}), **_postgresql_options()},
        "CONN_MAX_AGE": env.int("DATABASE_CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": _database()}

# --- Signing in -----------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if TESTING:
    # Tests sign in hundreds of times; none of them is about the strength of the hash.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL

# Five wrong passwords lock this user from this address: nobody can lock out a colleague from elsewhere.
TRUSTED_PROXY_HOPS = env.int("TRUSTED_PROXY_HOPS", default=0)
AXES_FAILURE_LIMIT = 5
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "registration/locked_out.html"
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "core.client_address.client_address"
AXES_VERBOSE = False

# --- Cookies, transport, content policy -----------------------------------------------------------

# In the demo only the names of this machine are answered: a forgotten mode never serves a network.
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[]) if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"]
if PRODUCTION and (not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS):
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts of this installation, separated by commas.")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

COOKIE_PREFIX = "__Host-" if PRODUCTION else "countinghouse_"
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session"
SESSION_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_FAILURE_VIEW = "core.kept_forms.csrf_failure"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}language"
LANGUAGE_COOKIE_SECURE = PRODUCTION
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # a tick for each warning of some thousand documents
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    if TRUSTED_PROXY_HOPS:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    },
}

# --- Mail -----------------------------------------------------------------------------------------

# Without a server mails are written to a folder, or to the console where none is named.
EMAIL_HOST, EMAIL_PORT = env.str("EMAIL_HOST", default=""), env.int("EMAIL_PORT", default=587)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="countinghouse@localhost")
EMAIL_FILE_PATH = env.str("MAIL_FOLDER", default="") or None
if not TESTING:
    _backend = "smtp" if EMAIL_HOST else "filebased" if EMAIL_FILE_PATH else "console"
    EMAIL_BACKEND = f"django.core.mail.backends.{_backend}.EmailBackend"
# The address of the pages in mails that no request asks for.
BASE_URL = env.str(
    "BASE_URL", default=f"https://{ALLOWED_HOSTS[0]}" if PRODUCTION else "http://localhost:8000"
)
PASSWORD_RESET_TIMEOUT = 3 * 24 * 60 * 60

# --- Queue ----------------------------------------------------------------------------------------

# The broker is a hint: every task finds its work in rows, so a lost or doubled message changes nothing.
TASK_SECONDS = 900
CELERY_BROKER_URL = env.str("REDIS_URL", default="memory://" if TESTING else "redis://127.0.0.1:6379/0")
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than any task may run, or a second worker would be given work that is still being done.
    "visibility_timeout": 4 * TASK_SECONDS,
    # Look for work of dead workers at every interval of 10 s, not only at every tenth.
    "unacked_restore_throttle": 1,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = TASK_SECONDS
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

# --- Language and time ----------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch"), ("id", "Bahasa Indonesia")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

# --- Pages and static files -----------------------------------------------------------------------

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.navigation.sidebar",
            ],
        },
    },
]
DJANGO_TABLES2_TEMPLATE = "components/table.html"

STATIC_URL = "static/"
# The typeface comes out of its package; nothing of others is copied into the repository.
STATICFILES_DIRS = [BASE_DIR / "static", ("fonts", fontpkg_inter.ROOT / "files")]
WHITENOISE_USE_FINDERS = DEBUG or TESTING
WHITENOISE_AUTOREFRESH = DEBUG or TESTING
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG or TESTING
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        ),
    },
}

# --- Logging --------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
    "loggers": {"django": {"handlers": [], "level": "NOTSET", "propagate": True}},
}
