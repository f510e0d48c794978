# What a lab with a network of its own has besides: a mail server as it stands on the internet, for tests/lab/evening. Sourced by
# configure.sh, after the rest is written. Clients come from the addresses of RFC 5737 and RFC 2544.

# Names of clients, both ways, and the block list: every second address of 198.18.0.0/16 that evening.toml knocks from is on it.
cat >> "$dir/etc/dnsmasq.conf" <<TEXT
host-record=mx1.shop.example,$ip
host-record=app1.shop.example,198.51.100.7
host-record=app2.shop.example,198.51.100.8
host-record=app3.shop.example,198.51.100.9
host-record=laptop-bob.shop.example,192.0.2.77
host-record=pc-ann.shop.example,192.0.2.78
host-record=pc-support.shop.example,192.0.2.79
host-record=pc-hr.shop.example,192.0.2.80
host-record=pc-carol.shop.example,192.0.2.81
host-record=mail-yw1-f10.google.com,203.0.113.10
host-record=lists.example,203.0.113.11
host-record=mx.contoso.example,203.0.113.12
host-record=mx.partner.example,203.0.113.13
host-record=mx.suspicious.example,203.0.113.14
host-record=mx.spam.example,203.0.113.16
TEXT
bots=$(grep -o '198\.18\.[0-9.]*' "$here/evening.toml" | sort -u)
stolen=$(sed -n '/^# The stolen/,/^to = /p' "$here/evening.toml" | grep -o '198\.18\.[0-9.]*')
for bot in $bots; do
    if grep -qxF "$bot" <<< "$stolen"; then continue; fi
    IFS=. read -r a b c d <<< "$bot"
    if [ $((d % 4)) != 0 ]; then echo "host-record=$d.$c.$b.$a.zen.spamhaus.org,127.0.0.4" >> "$dir/etc/dnsmasq.conf"; fi
done

sed -i -E '/^(inet_interfaces|mynetworks|(minimal|maximal)_backoff_time|queue_run_delay|smtp_(connect|helo)_timeout) /d' "$dir/etc/postfix/main.cf"
cat >> "$dir/etc/postfix/main.cf" <<TEXT
inet_interfaces = $ip
mynetworks = 127.0.0.0/8 $ip/32
minimal_backoff_time = ${LAB_MINIMAL_BACKOFF:-300}s
maximal_backoff_time = ${LAB_MAXIMAL_BACKOFF:-1200}s
queue_run_delay = ${LAB_QUEUE_RUN:-60}s
smtp_connect_timeout = ${LAB_CONNECT_TIMEOUT:-15}s
smtp_helo_timeout = 30s
max_idle = 20s
smtpd_client_event_limit_exceptions = \$mynetworks 198.51.100.0/24
smtpd_client_auth_rate_limit = 4
smtpd_sender_login_maps = texthash:$etc/postfix/logins
postscreen_access_list = permit_mynetworks
postscreen_greet_wait = 3s
postscreen_greet_action = enforce
postscreen_dnsbl_sites = zen.spamhaus.org*3
postscreen_dnsbl_threshold = 3
postscreen_dnsbl_action = enforce
postscreen_cache_map = btree:\$data_directory/postscreen_cache
TEXT
for user in $users; do echo "$user@shop.example $user@shop.example"; done > "$dir/etc/postfix/logins"
echo 'suspicious.example HOLD' > "$dir/etc/postfix/senders"

# smtp(8) has a limit that an incident comes near to; idle processes leave soon, so that their number tells of the load.
sed -i -e '/ inet /,/smtpd_sasl_auth_enable/d' -e 's/^smtp  *unix.*/smtp      unix  -       -       n       -       40      smtp/' "$dir/etc/postfix/master.cf"
cat >> "$dir/etc/postfix/master.cf" <<TEXT
smtp       inet  n - n - 1   postscreen
smtpd      pass  - - n - -   smtpd
    -o smtpd_relay_restrictions=reject_unauth_destination
    -o smtpd_sender_restrictions=check_sender_access,texthash:$etc/postfix/senders
dnsblog    unix  - - n - 0   dnsblog
tlsproxy   unix  - - n - 0   tlsproxy
submission inet  n - n - -   smtpd
    -o syslog_name=${instance:-postfix}/submission
    -o smtpd_sasl_auth_enable=yes
    -o smtpd_sender_restrictions=reject_authenticated_sender_login_mismatch
TEXT

# Users with a directory of their own; full@ and old@ have small quotas.
for user in $users; do
    limit=1G
    case $user in full) limit=96K ;; old) limit=192K ;; esac
    echo "$user@shop.example:{PLAIN}secret:8:8::$mail/$user::userdb_quota_rule=*:storage=$limit"
done > "$dir/etc/dovecot/users"
mkdir -p "$dir/mail/bob" "$dir/mail/alice" "$dir/mail/support"
cat > "$dir/mail/bob/.dovecot.sieve" <<TEXT
require ["fileinto", "vacation"];
if header :contains "subject" "Newsletter" { fileinto "Newsletter"; stop; }
vacation :days 1 :addresses ["bob@shop.example"] "I am away until Monday.";
TEXT
cat > "$dir/mail/alice/.dovecot.sieve" <<TEXT
require ["copy"];
if header :contains "subject" "Meeting" { redirect :copy "alice.private@gmail.com"; }
TEXT
cat > "$dir/mail/support/.dovecot.sieve" <<TEXT
require ["fileinto"];
if header :contains "subject" "Ticket" { fileinto "Tickets2"; }
TEXT
chown -R mail:mail "$dir/mail"

sed -i -e '/^userdb {/,/^}/d' -e '/^service imap-login/,/^}/d' -e 's/^protocols = .*/protocols = imap pop3 lmtp/' -e '/^ssl = /d' "$dir/etc/dovecot/dovecot.conf"
cat >> "$dir/etc/dovecot/dovecot.conf" <<TEXT
ssl = yes
ssl_cert = <$dir/tls/certificate.pem
ssl_key = <$dir/tls/key.pem
hostname = mx1.shop.example
postmaster_address = postmaster@shop.example
auth_verbose = yes
mail_max_userip_connections = 10
mail_plugins = quota
userdb {
  driver = passwd-file
  args = username_format=%u $etc/dovecot/users
}
namespace inbox {
  inbox = yes
  mailbox Newsletter {
    auto = create
  }
}
protocol lmtp {
  mail_plugins = quota sieve
}
plugin {
  quota = count:User quota
  quota_vsizes = yes
  sieve = file:~/sieve;active=~/.dovecot.sieve
}
quota_full_tempfail = yes
service imap {
  process_limit = 48
}
TEXT
