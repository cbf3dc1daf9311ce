#!/bin/sh
# Puppet shows this with every catalog: the name of the environment and when it
# was deployed.
exec date -r "$1/$2" "+$2 %Y-%m-%dT%H:%M:%S%z"
