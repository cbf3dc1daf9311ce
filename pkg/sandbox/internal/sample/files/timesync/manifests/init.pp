# Keeps the clock right.
#
# @param servers where the time comes from
class timesync (
  Array[String[1]] $servers,
) {
  $sources = $servers.map |$server| { "server ${server} iburst\n" }.join

  file { '/etc/chrony/sources.d/puppet.sources':
    ensure  => file,
    content => $sources,
  }
}
