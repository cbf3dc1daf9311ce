#!/usr/bin/env bash
# Deploys the branch of a GitHub event with puppet-code. Everything comes by environment: inputs as
# INPUT_NAME, the event as EVENT_NAME, the token as PUPPET_CODE_TOKEN. It runs with bash 3.2, the
# bash of macOS, and with Git's bash on Windows.
set -euo pipefail

fail() { printf '::error::%s\n' "$1" >&2; exit 2; }

temp=${RUNNER_TEMP:-/tmp}
# On Windows it is a path such as D:\a\_temp, whose colon would end the entry on the PATH.
if command -v cygpath >/dev/null; then temp=$(cygpath -u "$temp"); fi
work=$(mktemp -d "$temp/puppet-code.XXXXXX")
trap 'rm -rf "$work"' EXIT

# download puts the puppet-code of a release on the PATH. The checksum shows that the download is
# whole; it comes from the same place, so it does not show who made it.
download() {
	local version=${INPUT_VERSION#v} system arch archive sums base curl=(curl -fsSL --proto '=https' --retry 3)
	[ -n "$version" ] || fail 'puppet-code is not on the PATH: install it on the runner, or give the input version.'
	case $(uname -s) in
		Linux) system=linux ;; Darwin) system=darwin ;; MINGW* | MSYS* | CYGWIN*) system=windows ;;
		*) fail "There is no release of puppet-code for $(uname -s)." ;;
	esac
	case $(uname -m) in
		x86_64 | amd64) arch=amd64 ;; aarch64 | arm64) arch=arm64 ;;
		*) fail "There is no release of puppet-code for $(uname -m)." ;;
	esac
	archive=puppet-code_${version}_${system}_$arch.tar.gz
	[ "$system" != windows ] || archive=${archive%.tar.gz}.zip
	sums=puppet-code_${version}_SHA256SUMS
	base=${INPUT_RELEASE_URL:-https://github.com/puppet-code/puppet-code/releases/download}/v$version
	[ -z "${INPUT_RELEASE_CACERT:-}" ] || curl+=(--cacert "$INPUT_RELEASE_CACERT")
	"${curl[@]}" -o "$work/$archive" "$base/$archive" || fail "The release $version cannot be downloaded from $base."
	"${curl[@]}" -o "$work/$sums" "$base/$sums" || fail "The checksums of release $version cannot be downloaded from $base."
	grep -E "^[0-9a-f]{64}  ${archive//./\\.}\$" "$work/$sums" >"$work/wanted" || fail "$sums has no checksum of $archive."
	(
		cd "$work"
		if command -v sha256sum >/dev/null; then sha256sum -c wanted; else shasum -a 256 -c wanted; fi >/dev/null
	) || fail "The download of $archive is damaged: its checksum is another."
	mkdir "$work/bin"
	if [ "$system" = windows ]; then unzip -q "$work/$archive" -d "$work/bin"; else tar -xzf "$work/$archive" -C "$work/bin"; fi
	PATH=$work/bin:$PATH
}

# The event: which branch, which commit, and whether the branch was deleted.
deleted=false branch='' commit=${GITHUB_SHA:-}
case ${GITHUB_EVENT_NAME:-} in
	pull_request | pull_request_target)
		fail 'A pull request is tested at a merge commit, which is in no branch: nothing can be deployed. Use the event push.' ;;
	delete)
		[ "${EVENT_REF_TYPE:-}" = branch ] || fail 'A tag was deleted, not a branch: there is nothing to deploy.'
		deleted=true branch=${EVENT_REF:-} ;;
	*)
		ref=${GITHUB_REF:-}
		# The ref of a run for a branch that was deleted is the default branch.
		if [ "${EVENT_DELETED:-}" = true ]; then deleted=true ref=${EVENT_REF:-}; fi
		case $ref in refs/heads/*) branch=${ref#refs/heads/} ;; esac ;;
esac

options=(--timeout "${INPUT_TIMEOUT:-25m}" --format json)
own=true
if [ -n "${INPUT_ENVIRONMENT:-}" ]; then
	options+=("--" "$INPUT_ENVIRONMENT")
	own=false
elif [ -n "${INPUT_BRANCH:-}" ]; then
	options=(--branch "$INPUT_BRANCH" "${options[@]}")
	[ "${INPUT_BRANCH#refs/heads/}" = "$branch" ] || own=false
else
	[ -n "$branch" ] || fail 'This event has no branch: give the input environment or branch.'
	options=(--branch "$branch" "${options[@]}")
fi
expect=${INPUT_EXPECT:-}
if "$deleted" && "$own"; then
	options=(--expect-deleted "${options[@]}")
elif [ "$expect" = none ] || { [ -z "$expect" ] && ! "$own"; }; then
	options=(--wait "${options[@]}")
else
	options=(--expect "${expect:-$commit}" "${options[@]}")
fi

command -v puppet-code >/dev/null || download
if [ -n "${INPUT_CACERT:-}" ]; then
	printf '%s\n' "$INPUT_CACERT" >"$work/ca.pem"
	export PUPPET_CODE_CACERT=$work/ca.pem
fi

status=0
puppet-code deploy "${options[@]}" >"$work/result" || status=$?

# The text of a result is somebody else's: a random delimiter keeps it in its output.
delimiter=result-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
signature=$(sed -n 's/^    "deploy-signature": "\([0-9a-f]*\)",\{0,1\}$/\1/p' "$work/result" | head -n 1)
{
	printf 'status=%s\nsignature=%s\nresult<<%s\n' "$status" "$signature" "$delimiter"
	cat "$work/result"
	printf '\n%s\n' "$delimiter"
} >>"${GITHUB_OUTPUT:-/dev/stdout}"
exit "$status"
