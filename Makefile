# Everything here works in a fresh clone on a machine with Rust, a C compiler and Python.
.PHONY: demo test check sqlite postgres openapi bench

demo: ## run the service with sample data and print its address, docs and tokens
	cargo run --release -- demo

test: check sqlite postgres ## everything, on SQLite and on PostgreSQL

check: ## format and lints
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- --deny warnings

sqlite: ## rules, and every test on SQLite
	env -u DATABASE_URL cargo test --workspace --quiet

postgres: ## every test on a PostgreSQL cluster of its own
	tests/postgres.sh cargo test --quiet --test it

openapi: ## write the document that the service serves
	cargo run --quiet -- openapi > openapi/openapi.json
	cargo run --quiet -- openapi --yaml > openapi/openapi.yaml

bench: ## measure; see bench/README.md
	cargo build --release
	cargo build --release --manifest-path bench/minimal/Cargo.toml
	python3 bench/run.py
