# Keeps the clock right.
#
# @param servers where the time comes from
# @param service the service to restart after a change
class timesync (
  Array[String[1]] $servers,
  String[1] $service = 'chrony',
) {
  $sources = $servers.map |$server| { "server ${server} iburst\n" }.join

  file { '/etc/chrony/sources.d/puppet.sources':
    ensure  => file,
    content => $sources,
    notify  => Service[$service],
  }

  service { $service:
    ensure => running,
    enable => true,
  }
}
