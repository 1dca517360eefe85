# One image for every process; docker-compose.yml says which one a container runs.
FROM python:3.11-slim-bookworm AS base
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgdal32 libgeos-c1v5 libproj25 \
    && rm -rf /var/lib/apt/lists/*
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 STATIC_ROOT=/srv/static
WORKDIR /app

FROM base AS build
RUN apt-get update && apt-get install --yes --no-install-recommends gettext
COPY requirements.txt .
RUN python -m venv /venv \
    && pip install --no-cache-dir --require-hashes --only-binary :all: --requirement requirements.txt
COPY . .
# These settings are for the build alone; no database is asked.
RUN DEBUG=true SECRET_KEY=build DATABASE_URL=postgis://nowhere/potato MONGODB_URL=mongodb://nowhere/potato \
    REDIS_URL=redis://nowhere python bin/lib/prepare.py /tmp files \
    && python -m compileall -q potato accounts shops catalog prices alerts

FROM base
RUN useradd --system --uid 10001 --no-create-home potato
COPY --from=build /venv /venv
COPY --from=build /srv/static /srv/static
COPY --from=build /app /app
USER 10001
EXPOSE 8000 8001
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["python", "bin/lib/healthy.py", "web", "8000"]
CMD ["python", "-m", "granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "32", "--respawn-failed-workers", "--no-ws", "potato.wsgi:application"]
