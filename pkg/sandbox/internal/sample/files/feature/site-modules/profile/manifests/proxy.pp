# A reverse proxy in front of the web servers.
#
# @param backends where requests go, as HOST:PORT
class profile::proxy (
  Array[String[1], 1] $backends,
) {
  $servers = $backends.map |$backend| { "  server ${backend};\n" }.join

  package { 'nginx':
    ensure => installed,
  }

  file { '/etc/nginx/conf.d/proxy.conf':
    ensure  => file,
    content => "upstream web {\n${servers}}\nserver {\n  location / {\n    proxy_pass http://web;\n  }\n}\n",
    require => Package['nginx'],
    notify  => Service['nginx'],
  }

  service { 'nginx':
    ensure => running,
    enable => true,
  }
}
