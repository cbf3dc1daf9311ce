# A web server and its virtual hosts.
#
# @param vhosts the settings of each virtual host, by name
class profile::webserver (
  Hash[String[1], Struct[{ docroot => String[1] }]] $vhosts = {},
) {
  package { 'nginx':
    ensure => installed,
  }

  $vhosts.each |$name, $settings| {
    file { "/etc/nginx/conf.d/${name}.conf":
      ensure  => file,
      content => "server {\n  server_name ${name};\n  root ${settings['docroot']};\n}\n",
      require => Package['nginx'],
      notify  => Service['nginx'],
    }
  }

  service { 'nginx':
    ensure => running,
    enable => true,
  }
}
