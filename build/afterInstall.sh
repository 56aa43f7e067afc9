#!/bin/sh
# After the deb is installed: the rule that lets the group dialout open boards and keeps ModemManager away from them.
set -e
ln -sf '/opt/Keyline/keyline-station' '/usr/bin/keyline-station'
chmod 4755 '/opt/Keyline/chrome-sandbox' || true
if [ -d /etc/udev/rules.d ]; then
  cp '/opt/Keyline/resources/99-keyline.rules' /etc/udev/rules.d/99-keyline.rules
  if command -v udevadm >/dev/null; then udevadm control --reload || true; fi
fi
