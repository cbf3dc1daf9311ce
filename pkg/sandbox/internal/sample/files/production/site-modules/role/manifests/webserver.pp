# Serves our web sites.
class role::webserver {
  include profile::base
  include profile::webserver
}
