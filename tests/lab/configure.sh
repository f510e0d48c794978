# Writes the configuration of a lab's daemons into $dir; sourced by up. Uses dir, number, port, instance, long_ids, providers, network,
# ip, own_network; own.sh adds what only a lab with a network of its own has.

if [ "$own_network" = yes ]; then
    # As everything stands on a real server; inside mounts it there.
    spool=/var/spool/postfix state=/var/lib/postfix mail=/var/mail base=/run/dovecot name=mx1 etc=/etc
else
    spool=$dir/spool state=$dir/lib/postfix mail=$dir/mail base=$dir/run/dovecot name=mail etc=$dir/etc
fi

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj /CN=mx.tls.example \
    -keyout "$dir/tls/key.pem" -out "$dir/tls/certificate.pem" 2> "$dir/log/openssl"
chmod 600 "$dir/tls/key.pem"

echo "nameserver $network.0.53" > "$dir/etc/resolv.conf"
"$providers" dns --script "$here/providers.toml" --network "$network" > "$dir/etc/dnsmasq.conf"

# As /etc/rsyslog.conf of Debian 12, which leaves the template at rsyslog's default: RSYSLOG_FileFormat, RFC 3339.
cat > "$dir/etc/rsyslog.conf" <<TEXT
global(workDirectory="$dir/lib" localHostname="$name")
module(load="imuxsock")
\$FileOwner root
\$FileGroup adm
\$FileCreateMode 0640
\$Umask 0022
mail.* -$dir/log/mail.log
*.*;mail.none -$dir/log/syslog
TEXT

# As /etc/logrotate.d/rsyslog of Debian 12, with a HUP that also works where systemd is not process 1.
cat > "$dir/etc/logrotate.conf" <<TEXT
$dir/log/mail.log
{
	rotate 4
	weekly
	missingok
	notifempty
	compress
	delaycompress
	sharedscripts
	create 640 root adm
	postrotate
		kill -HUP \$(cat $dir/pid/rsyslogd)
	endscript
}
TEXT

# Postfix looks for these next to main.cf.
for file in dynamicmaps.cf postfix-files post-install postfix-script; do
    cp "/etc/postfix/$file" "$dir/etc/postfix/"
done
mkdir -p "$dir/etc/postfix/dynamicmaps.cf.d" "$dir/etc/postfix/postfix-files.d"

cat > "$dir/etc/postfix/main.cf" <<TEXT
compatibility_level = 3.6
queue_directory = $spool
data_directory = $state
alternate_config_directories = $etc/postfix
multi_instance_name = $instance
myhostname = $name.shop.example
mydomain = shop.example
myorigin = shop.example
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
biff = no
enable_long_queue_ids = $long_ids

virtual_mailbox_domains = shop.example
virtual_mailbox_maps = texthash:$etc/postfix/mailboxes
virtual_alias_maps = texthash:$etc/postfix/aliases
virtual_transport = lmtp:unix:private/dovecot-lmtp

smtp_tcp_port = $port
smtp_tls_security_level = may
smtp_tls_CAfile = $dir/tls/certificate.pem
smtp_tls_loglevel = 1
smtp_connect_timeout = ${LAB_CONNECT_TIMEOUT:-3}s
smtp_helo_timeout = 10s
smtpd_tls_security_level = may
smtpd_tls_loglevel = 1
smtpd_tls_cert_file = $dir/tls/certificate.pem
smtpd_tls_key_file = $dir/tls/key.pem
smtpd_tls_session_cache_database =
smtp_tls_session_cache_database =

smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth

minimal_backoff_time = ${LAB_MINIMAL_BACKOFF:-20}s
maximal_backoff_time = ${LAB_MAXIMAL_BACKOFF:-120}s
queue_run_delay = ${LAB_QUEUE_RUN:-10}s
TEXT

# ghost is known to Postfix and unknown to Dovecot: LMTP bounces it. nosuchuser is known to nobody: smtpd refuses it.
for user in $users ghost; do echo "$user@shop.example x"; done > "$dir/etc/postfix/mailboxes"
for alias in postmaster root cron sales; do echo "$alias@shop.example bob@shop.example"; done > "$dir/etc/postfix/aliases"

# Nothing is chrooted: smtp(8) must see the lab's /etc/resolv.conf. 2526 takes mail from outside, 2587 from users.
cat > "$dir/etc/postfix/master.cf" <<TEXT
$ip:2526  inet  n - n - -   smtpd -o mynetworks=127.255.255.254/32 -o smtpd_relay_restrictions=reject_unauth_destination
$ip:2587  inet  n - n - -   smtpd -o syslog_name=${instance:-postfix}/submission -o smtpd_sasl_auth_enable=yes
pickup    unix  n - n 60 1  pickup
cleanup   unix  n - n - 0   cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - -   trivial-rewrite
bounce    unix  - - n - 0   bounce
defer     unix  - - n - 0   bounce
trace     unix  - - n - 0   bounce
verify    unix  - - n - 1   verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - -   proxymap
proxywrite unix - - n - 1   proxymap
smtp      unix  - - n - -   smtp
relay     unix  - - n - -   smtp
showq     unix  n - n - -   showq
error     unix  - - n - -   error
retry     unix  - - n - -   error
discard   unix  - - n - -   discard
local     unix  - n n - -   local
virtual   unix  - n n - -   virtual
lmtp      unix  - - n - -   lmtp
anvil     unix  - - n - 1   anvil
scache    unix  - - n - 1   scache
TEXT

chown postfix "$dir/lib/postfix"
touch "$dir/log/mail.log"
chown root:adm "$dir/log/mail.log"
chmod 640 "$dir/log/mail.log"

# Dovecot 2.3: passwords in a file, mail of all users owned by the system user mail.
for user in $users; do echo "$user@shop.example:{PLAIN}secret"; done > "$dir/etc/dovecot/users"
chmod 640 "$dir/etc/dovecot/users"
chown root:dovecot "$dir/etc/dovecot/users"
chown mail:mail "$dir/mail"
cat > "$dir/etc/dovecot/dovecot.conf" <<TEXT
base_dir = $base
state_dir = $dir/lib/dovecot
protocols = imap lmtp
listen = $ip
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
first_valid_uid = 1
mail_location = maildir:~/Maildir
passdb {
  driver = passwd-file
  args = username_format=%u $etc/dovecot/users
}
userdb {
  driver = static
  args = uid=mail gid=mail home=$mail/%n
}
service imap-login {
  inet_listener imap {
    port = 2143
  }
  inet_listener imaps {
    port = 0
  }
}
service lmtp {
  unix_listener $spool/private/dovecot-lmtp {
    mode = 0600
    user = postfix
    group = postfix
  }
}
service auth {
  unix_listener $spool/private/auth {
    mode = 0600
    user = postfix
    group = postfix
  }
}
TEXT

if [ "$own_network" = yes ]; then . "$here/own.sh"; fi

# The commands of Postfix as they are inside the lab. From outside, with -c, they work too but log to the machine's log.
for program in postsuper postqueue postcat postconf sendmail mailq qshape; do
    printf '#!/bin/sh\nexec "%s/enter" --dir "%s" %s "$@"\n' "$here" "$dir" "$program" > "$dir/bin/$program"
    chmod 755 "$dir/bin/$program"
done
