# What is checked before anything is merged. `make test` is all of it, cheapest first; on Debian 12 it needs root, because the
# live tests run a real Postfix and Dovecot (see tests/lab/README.md). `make test LIVE=0` leaves those out, and says so.
# It fuzzes the parsers for a minute too, for which cargo-fuzz is fetched once; `make test FUZZ=0` leaves that out, and says so.
# `make fuzz SECONDS=600` is the same for longer.
LIVE ?= 1
FUZZ ?= 1
SECONDS ?= 60
export LIVE

# The cheapest check fails first, with -j too.
.NOTPARALLEL:
.PHONY: test live-packages fmt lint docs build tests fuzz

ifeq ($(FUZZ),0)
test: live-packages fmt lint docs tests
	@echo 'The parsers were NOT fuzzed (FUZZ=0).'
else
test: live-packages fmt lint docs tests fuzz
endif
ifeq ($(LIVE),0)
	@echo 'All checks passed, WITHOUT the live tests (LIVE=0): nothing was tested against a real Postfix and Dovecot.'
else
	@echo 'All checks passed, live tests included.'
endif

# The packages of the live tests, where any are missing; no service is started.
live-packages:
ifneq ($(LIVE),0)
	@tests/lab/install
endif

fmt:
	cargo fmt --all --check

lint:
	cargo clippy --workspace --all-targets -- -D warnings

docs:
	RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps

# The lab runs example programs, so all of it is built first.
build:
	cargo test --workspace --no-run

# Tests that need root and packages, or minutes, are marked as ignored; with those there, they are run as well. depth_truth compares by the
# second what a mail server logs and what it does; with a loaded one seconds pass between the two. So it goes first, while what is to be
# fuzzed is built. Then those that mostly wait for a mail server's own times run beside the others, which give way.
TIMED = --test depth_truth
WAITING = --test accounts_lab --test trace_lab --test dovecot_lab --test lab_smoke --test next_attempt --test pflogsumm --test real_lines
AHEAD = $(if $(filter 0,$(FUZZ)),true,nice -n 19 parsers/fuzz/run build)

tests: build
ifeq ($(LIVE),0)
	cargo test --workspace
else
	$(AHEAD) > target/fuzz-build.log 2>&1 & ahead=$$!; \
	cargo test $(TIMED) -- --ignored --nocapture; timed=$$?; \
	wait $$ahead || cat target/fuzz-build.log; \
	cargo test $(WAITING) -- --ignored --nocapture > target/waiting.log 2>&1 & waiting=$$!; \
	nice cargo test --workspace && nice cargo test -p mailtop --lib --test journal_host -- --ignored; others=$$?; \
	wait $$waiting; waiting=$$?; cat target/waiting.log; exit $$((timed | others | waiting))
endif

# Each target of parsers/fuzz for SECONDS, at the same time.
fuzz:
	parsers/fuzz/run $(SECONDS)
