#!/bin/sh
# Starts nginx in its container on ../nginx/countylink.conf: proxy.sh SHIPPED TARGET. Three things are other there than on
# a machine: the webservers have names, their addresses change when they are made anew, so nginx asks for them again (it
# would keep what it found at its start, and answer 502), and a log in a container ends with it, so it goes to the engine's.
set -eu
resolver=$(awk '$1 == "nameserver" {print $2; exit}' /etc/resolv.conf)
case $resolver in *:*) resolver="[$resolver]" ;; esac
{
  echo "resolver $resolver valid=5s;"
  sed -e '/^upstream /d' \
      -e 's|proxy_pass http://countylink_watch;|set $webserver watch:3001; proxy_pass http://$webserver;|' \
      -e 's|proxy_pass http://countylink_admin;|set $webserver admin:3000; proxy_pass http://$webserver;|' \
      -e 's|^\( *access_log \)/var/log/nginx/countylink.log|\1/dev/stdout|' "$1"
} > "$2"
exec nginx -g 'daemon off;'
