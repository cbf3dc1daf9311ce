# A reverse proxy in front of the web servers.
#
# @param backends where requests go
class profile::proxy (
  Array[Stdlib::HTTPUrl] $backends,
) {
  include apache
  include apache::mod::proxy_http
  include apache::mod::proxy_balancer

  apache::balancer { 'web': }

  $backends.each |$backend| {
    apache::balancermember { $backend:
      balancer_cluster => 'web',
      url              => $backend,
    }
  }
}
