# Everything here works in a fresh clone on a machine with Rust, a C compiler and Python.
.PHONY: demo test check sqlite postgres durable contract openapi release judge bench soak

demo: ## run the service with sample data and print its address, docs and tokens
	cargo run -- demo

test: ## everything, on SQLite and on PostgreSQL, and how long it took
	@tests/timed.sh check sqlite postgres durable contract

check: ## format and lints
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- --deny warnings
	cargo check --quiet --manifest-path bench/minimal/Cargo.toml

sqlite: ## rules, and every test on SQLite
	env -u DATABASE_URL cargo test --workspace --quiet

postgres: ## every test on a PostgreSQL cluster of its own
	tests/postgres.sh cargo test --quiet --test it

durable: ## the short form of soak, on SQLite and on PostgreSQL
	cargo build --quiet
	tests/soak/run.py --short --binary target/debug/prongsai
	tests/postgres.sh tests/soak/run.py --short --binary target/debug/prongsai

contract: ## the document, judged by others' tools and by the clients made from it
	cargo build --quiet
	tests/postgres.sh tests/contract/run.py

openapi: ## write the document that the service serves, with what the demo answers as examples
	cargo run --quiet -- openapi > openapi/openapi.json
	env -u DATABASE_URL PRONGSAI_TEST_EXAMPLES=write cargo test --quiet --test it -- examples::every_example_is manuals
	cargo run --quiet -- openapi > openapi/openapi.json
	cargo run --quiet -- openapi --yaml > openapi/openapi.yaml

release: ## keep the document as the one that the next may not break
	cp openapi/openapi.json openapi/released/openapi.json

judge: ## what `make test` has a short form of, at length: a thousand years of figures, planted disagreements, schemathesis
	tests/new_resource.sh
	env -u DATABASE_URL cargo test --quiet --test it -- --ignored
	tests/postgres.sh cargo test --quiet --test it -- --ignored
	cargo build --quiet
	tests/postgres.sh tests/contract/run.py office plant fuzz-all

soak: ## nothing acknowledged is lost: an hour of faults on the real server; see docs/reliability.md
	cargo build --release
	tests/soak/run.py --report target/soak.md

bench: ## measure; see bench/README.md
	cargo build --release
	cargo build --release --manifest-path bench/minimal/Cargo.toml
	python3 bench/run.py
	python3 bench/cases.py
	python3 bench/ita.py
