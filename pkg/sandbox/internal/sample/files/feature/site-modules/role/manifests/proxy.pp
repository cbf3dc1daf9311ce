# Stands between the internet and the web servers.
class role::proxy {
  include profile::base
  include profile::proxy
}
