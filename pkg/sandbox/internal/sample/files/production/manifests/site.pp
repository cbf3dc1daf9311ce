# Every node belongs to one role.

node default {
  include profile::base
}

node /^web\d+\./ {
  include role::webserver
}
