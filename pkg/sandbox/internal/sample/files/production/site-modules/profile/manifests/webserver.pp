# A web server and its virtual hosts.
#
# @param vhosts parameters of apache::vhost by name
class profile::webserver (
  Hash[String[1], Hash] $vhosts = {},
) {
  include apache

  $vhosts.each |$name, $parameters| {
    apache::vhost { $name:
      * => $parameters,
    }
  }
}
