# What every server has.
#
# @param motd what people read when they log in
# @param ntp_servers where the time comes from
# @param packages what is installed everywhere
class profile::base (
  String[1] $motd,
  Array[String[1]] $ntp_servers,
  Array[String[1]] $packages = [],
) {
  package { $packages:
    ensure => installed,
  }

  class { 'timesync':
    servers => $ntp_servers,
  }

  file { '/etc/motd':
    ensure  => file,
    content => "${motd}\n",
  }
}
