# make run, make test, make record, make nightly, make install DESTDIR=..., make bench, make crash SECONDS=...,
# make powerloss CUTS=... FS=ext4, make fuzz MINUTES=...

DESTDIR ?=
CARGO ?= cargo
PROFILE ?= release
SECONDS ?= 60
CUTS ?= 30
FS ?= ext4
MINUTES ?= 60
OUT := target/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))
SBIN := $(DESTDIR)/usr/sbin
SHARE := $(DESTDIR)/usr/share
DAEMONS := $(DESTDIR)/usr/lib/postfix/sbin
DAEMON_PROGRAMS := master postlogd smtpd anvil cleanup pickup trivial-rewrite proxymap qmgr bounce showq flush error discard local virtual pipe spawn smtp lmtp
TOOL_PROGRAMS := postfix postconf postmap postalias postmulti postqueue postsuper postcat postlog postlock postkick postdrop sendmail qshape

.PHONY: build test record nightly run install bench crash powerloss fuzz clean

build:
	$(CARGO) build --locked --profile $(PROFILE) --workspace --bins
	$(OUT)/man . target/manual

test:
	.ci/test

# Runs Debian's side of every comparison too, and writes down what it shows.
record:
	POSTRIDER_DEBIAN=record .ci/test

# What takes too long for each change. Fails where a record has changed: that is to be read.
nightly: record
	git diff --exit-code --stat -- tests/recorded
	if $(CARGO) audit --version >/dev/null 2>&1; then $(CARGO) audit --ignore RUSTSEC-2025-0141; else echo "no cargo audit here: advisories are those of DEPENDENCIES.md"; fi
	$(MAKE) crash SECONDS=600

run: build
	tests/run/run

bench: build
	tests/bench/rules
	tests/bench/bench

# Kills processes at random under load for so many seconds, and counts what was acknowledged and did not arrive.
crash:
	$(CARGO) build --locked --workspace --bins
	POSTRIDER_CRASH_SECONDS=$(SECONDS) $(CARGO) test --locked -p tests --test crash -- --nocapture

# Cuts the power whenever something was reported, beside Debian's postfix, and so many times under load; on ext4, xfs or btrfs.
powerloss:
	$(CARGO) build --locked --workspace --bins
	POSTRIDER_POWER_CUTS=$(CUTS) POSTRIDER_POWER_FS=$(FS) $(CARGO) test --locked -p tests --test power_loss -- --nocapture --test-threads 1

# Looks for inputs that break what reads bytes of others, so many minutes in all.
fuzz:
	MINUTES=$(MINUTES) fuzz/run

# Debian's paths. Set-group-id and owners need root; without it the tree still works for the user who made it.
install: build
	install -d $(SBIN) $(DAEMONS) $(DESTDIR)/usr/bin $(DESTDIR)/etc/postfix
	for p in $(DAEMON_PROGRAMS); do install -m 0755 $(OUT)/$$p $(DAEMONS)/$$p || exit 1; done
	ln -sf qmgr $(DAEMONS)/nqmgr
	for p in post-install postfix-wrapper; do ln -sf ../../../sbin/postfix $(DAEMONS)/$$p || exit 1; done
	for p in $(TOOL_PROGRAMS); do install -m 0755 $(OUT)/$$p $(SBIN)/$$p || exit 1; done
	ln -sf ../sbin/sendmail $(DESTDIR)/usr/bin/mailq
	ln -sf ../sbin/sendmail $(DESTDIR)/usr/bin/newaliases
	ln -sf ../sbin/sendmail $(DESTDIR)/usr/lib/sendmail
	for f in main.cf master.cf; do test -e $(DESTDIR)/etc/postfix/$$f || install -m 0644 etc/$$f $(DESTDIR)/etc/postfix/$$f; done
	for s in 1 5 8; do install -D -m 0644 -t $(SHARE)/man/man$$s target/manual/man$$s/* || exit 1; done
	install -D -m 0644 -t $(SHARE)/bash-completion/completions target/manual/completions/bash/*
	install -D -m 0644 -t $(SHARE)/zsh/vendor-completions target/manual/completions/zsh/*
	install -D -m 0644 -t $(SHARE)/fish/vendor_completions.d target/manual/completions/fish/*
	test -e $(DESTDIR)/etc/aliases || install -m 0644 etc/aliases $(DESTDIR)/etc/aliases
	if [ "$$(id -u)" = 0 ] && getent group postdrop >/dev/null; then for p in postdrop postlog postqueue; do chgrp postdrop $(SBIN)/$$p && chmod 2755 $(SBIN)/$$p; done; fi

clean:
	$(CARGO) clean
