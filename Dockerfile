# Gesso in a container. Alone it brings its own PostgreSQL and keeps everything in /data:
#
#     docker build -t gesso . && docker run --init -p 8080:8080 -v gesso:/data gesso
#
# compose.yaml runs it as several processes on a PostgreSQL and an S3. docs/operations/ says the rest.

# The packages, with the Node of package-lock.json among them; this stage's own node only runs npm.
FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin gesso \
  && install --directory --owner gesso --group gesso --mode 0700 /data
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json LICENSE ./
COPY bin bin
COPY src src
COPY catalog catalog
COPY docs/errors docs/errors
# The one node that there is: bin/gesso.js then needs no other.
ENV PATH=/app/node_modules/node/bin:$PATH \
    GESSO_DATA_DIR=/data \
    HOST=0.0.0.0 \
    PORT=8080
RUN ln -s /app/bin/gesso.js /usr/local/bin/gesso
USER gesso
VOLUME /data
EXPOSE 8080
# The process and nothing else: a database that is away for a minute is no reason to end it. /readyz asks for more.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# SIGTERM, then GESSO_SHUTDOWN_TIMEOUT_MS (two minutes) for the work in hand: stop it with as much patience.
CMD ["gesso", "serve"]
