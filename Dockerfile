# Build: docker build -t prongsai .
# Run:   docker run -p 8080:8080 -v prongsai:/data -e PRONGSAI_SIGNING_KEY=/data/tokens.pem \
#            -e PRONGSAI_AUDIT_KEY=/data/audit.pem -e PRONGSAI_CONTENT_KEYS=/data/content.keys \
#            -e PRONGSAI_PUBLIC_URL=https://api.example.go.th prongsai
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc g++ make cmake libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo build --release --locked --bin prongsai

FROM debian:bookworm-slim
# Certificates of authorities, for an identity provider and a bucket.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /data --create-home prongsai
COPY --from=build /src/target/release/prongsai /usr/local/bin/prongsai
USER prongsai
WORKDIR /data
ENV DATABASE_URL=sqlite:/data/prongsai.db \
    PRONGSAI_LISTEN=0.0.0.0:8080
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["prongsai", "health"]
ENTRYPOINT ["prongsai"]
CMD ["serve"]
