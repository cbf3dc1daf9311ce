# What every server has.
#
# @param motd what people read when they log in
# @param ntp_servers where the time comes from
# @param packages what is installed everywhere
# @param admins who may become root
class profile::base (
  String[1] $motd,
  Array[String[1]] $ntp_servers,
  Array[String[1]] $packages = [],
  Array[String[1]] $admins = [],
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

  $admins.each |$admin| {
    file { "/etc/sudoers.d/${admin}":
      ensure  => file,
      mode    => '0440',
      content => "${admin} ALL=(ALL) ALL\n",
    }
  }
}
