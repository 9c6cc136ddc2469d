/* The text of templates/export/verify; test/store/export-script.test.ts makes it anew. */
export const VERIFY_SCRIPT = `#!/bin/sh
# Checks what \`enginery repo export\` wrote, with nothing but POSIX commands and sha256sum or shasum: from the trusted root down to every file.
# Signatures are checked where there is an openssl that knows ed25519; where there is none, that is said. Writes nothing here.
#   sh verify [--root-sha256 HEX] [--require-signatures]
# HEX: the fingerprint of any version of the root, from the publisher, by another way than this archive.
# Exit status: 0 all is as it was published, 1 something is not, 2 usage or a command that is missing.
set -u
export LC_ALL=C
umask 077

main() {
  readWords "$@"
  CDPATH='' cd -- "$(dirname -- "$0")" || exit 2
  metadata=repository/metadata
  problems=0
  scratch=$(mktemp -d "\${TMPDIR:-/tmp}/enginery-verify.XXXXXX") || stop "There is no folder for temporary files: set TMPDIR."
  trap 'rm -rf "$scratch"' EXIT
  trap 'exit 2' HUP INT TERM
  findCommands
  checkMetadata
  checkContent
  checkReleases
  tellResult
}

readWords() {
  fingerprint=
  requireSignatures=
  while [ $# -gt 0 ]; do
    case $1 in
      --root-sha256)
        [ $# -gt 1 ] || stop "--root-sha256 needs a value."
        fingerprint=$(printf %s "$2" | tr -d ' :\\n\\t' | tr A-F a-f)
        case $fingerprint in *[!0-9a-f]*) stop "$2 is no sha256." ;; esac
        [ \${#fingerprint} -eq 64 ] || stop "$2 is no sha256."
        shift
        ;;
      --require-signatures) requireSignatures=1 ;;
      *) stop "usage: sh verify [--root-sha256 HEX] [--require-signatures]" ;;
    esac
    shift
  done
}

stop() {
  printf '%s\\n' "$*" >&2
  exit 2
}

problem() {
  problems=$((problems + 1))
  printf 'PROBLEM: %s\\n' "$*" | tr -c '\\n\\040-\\176' '?' >&2 # names that nobody signed are in it
}

# What all else rests on: nothing behind it is worth a look.
fatal() {
  problem "$*"
  printf 'Not as it was published. Do not use it.\\n' >&2
  exit 1
}

findCommands() {
  if command -v sha256sum >/dev/null 2>&1; then hashes() { sha256sum "$@"; }
  elif command -v shasum >/dev/null 2>&1; then hashes() { shasum -a 256 "$@"; }
  else stop "There is neither sha256sum nor shasum here."; fi
  for command in awk find sort comm tr cut; do
    command -v "$command" >/dev/null 2>&1 || stop "There is no $command here."
  done
  [ "$(printf abc | hashes | cut -c 1-64)" = ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad ] ||
    stop "The sha256 of this machine is none."
  if knowsEd25519; then signatures=checked; else signatures=; fi
}

# With a signature of RFC 8032 (7.1, test 2), and with the same one spoilt.
knowsEd25519() {
  command -v openssl >/dev/null 2>&1 || return 1
  printf r >"$scratch/message"
  key=3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c
  head=92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da
  tail=085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00
  isSignedBy "$key" "$head$tail" "$scratch/message" || return 1
  ! isSignedBy "$key" "\${head%a}b$tail" "$scratch/message"
}

# KEY SIGNATURE FILE, the first two in hex.
isSignedBy() {
  binary "302a300506032b6570032100$1" >"$scratch/key" && binary "$2" >"$scratch/signature" &&
    openssl pkeyutl -verify -pubin -keyform DER -inkey "$scratch/key" -rawin -in "$3" -sigfile "$scratch/signature" >/dev/null 2>&1
}

binary() {
  case $1 in '' | *[!0-9a-f]*) return 1 ;; esac
  printf %b "$(printf %s "$1" | awk '{
    digits = "0123456789abcdef"
    for (i = 1; i < length($0); i += 2) {
      byte = (index(digits, substr($0, i, 1)) - 1) * 16 + index(digits, substr($0, i + 1, 1)) - 1
      printf "\\\\0%03o", byte
    }
  }')"
}

sha256() {
  hashes <"$1" 2>/dev/null | cut -c 1-64
}

# FILE: one line for each value, the names that lead to it before it, tabs between. With \`-v compact=1\`: the same document without white space.
flatten() {
  [ "$(tr -d '\\n\\040-\\176\\200-\\377' <"$1" | wc -c | tr -d ' ')" = 0 ] || return 1
  awk -v compact="\${2-}" '
    function way(  line, level) {
      line = ""
      for (level = 1; level <= depth; level++) line = line (kind[level] == "[" ? place[level] : name[level]) "\\t"
      return line
    }
    function value(text) {
      if (!compact) print way() text
      literal = ""
    }
    function structure(text,  i, c) {
      for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1)
        if (c == " " || c == "\\n") continue
        if (compact) printf "%s", c
        if (c == "{" || c == "[") { depth++; kind[depth] = c; place[depth] = 0; named[depth] = 0 }
        else if (c == "}" || c == "]" || c == ",") {
          if (literal != "") value(literal)
          if (c == ",") { place[depth]++; named[depth] = 0 } else depth--
        }
        else if (c != ":") literal = literal c
      }
    }
    BEGIN { RS = "\\""; inside = 0; string = ""; depth = 0; literal = "" }
    {
      if (!inside) { structure($0); inside = 1; string = ""; next }
      string = string $0
      slashes = 0
      while (substr(string, length(string) - slashes, 1) == "\\\\") slashes++
      if (slashes % 2 == 1) { string = string "\\""; next }
      if (index(string, "\\n")) exit 1 # its rest would read as a line of its own
      if (compact) printf "\\"%s\\"", string
      if (kind[depth] == "{" && !named[depth]) { name[depth] = string; named[depth] = 1 } else value(string)
      inside = 0
    }' "$1"
}

# What leads from the root to the manifest. Each document is believed before anything of it is used.
checkMetadata() {
  first=$(rootVersions | head -n 1)
  [ -n "$first" ] || fatal "$metadata holds no root."
  if [ -n "$fingerprint" ]; then
    first=
    for version in $(rootVersions); do
      if [ "$(sha256 "$metadata/$version.root.json")" = "$fingerprint" ]; then first=$version; fi
    done
    [ -n "$first" ] || fatal "no root here has the sha256 $fingerprint."
  fi
  root=$metadata/$first.root.json
  requireSigned root "$root" "$root"
  version=$first
  while [ -f "$metadata/$((version + 1)).root.json" ]; do
    version=$((version + 1))
    next=$metadata/$version.root.json
    requireSigned root "$next" "$root"
    requireSigned root "$next" "$next"
    [ "$(member "$next" version)" = "$version" ] || fatal "$next is of another version."
    root=$next
  done
  last=$version
  requireSigned timestamp "$metadata/timestamp.json" "$root"
  pointedAt "$metadata/timestamp.json" snapshot
  requireSigned snapshot "$pointed" "$root"
  snapshot=$pointed
  pointedAt "$pointed" targets
  requireSigned targets "$pointed" "$root"
  targets=$pointed
  flatten "$targets" | awk -F '\\t' '$1 == "signed" && $2 == "targets" && $4 == "hashes" && $5 == "sha256" { print $6 "\\t" $3 }' >"$scratch/channels"
  manifest=
  for file in repository/targets/channels/*.*.json; do
    name=\${file##*/}
    sum=\${name%%.*}
    rest=\${name#*.}
    grep -qxF "$sum	channels/$rest" "$scratch/channels" || continue
    [ -z "$manifest" ] || fatal "there are two manifests here."
    [ "$(sha256 "$file")" = "$sum" ] || fatal "$file is not what was signed."
    manifest=$file
    channel=\${rest%.json}
  done
  [ -n "$manifest" ] || fatal "there is no manifest here that was signed."
  flatten "$manifest" >"$scratch/manifest" || fatal "$manifest cannot be read."
  for document in "$root" "$targets" "$metadata/timestamp.json"; do tellExpiry "$document"; done
}

rootVersions() {
  for file in "$metadata"/*.root.json; do
    version=\${file##*/}
    version=\${version%.root.json}
    case $version in '' | *[!0-9]* | 0*) continue ;; esac
    printf '%s\\n' "$version"
  done | sort -n
}

# FILE MEMBER, of what is signed.
member() {
  flatten "$1" | awk -F '\\t' -v name="$2" '$1 == "signed" && $2 == name && NF == 3 { print $3 }'
}

# FILE ROLE: which file it names, by version and hash.
pointedAt() {
  flatten "$1" | awk -F '\\t' -v name="$2.json" '$1 == "signed" && $2 == "meta" && $3 == name { print $4 " " $NF }' >"$scratch/pointer"
  pointed=$metadata/$(awk '$1 == "version" { print $2 }' "$scratch/pointer").$2.json
  [ -f "$pointed" ] || fatal "$1 names $pointed, and it is not there."
  [ "$(sha256 "$pointed")" = "$(awk '$1 == "hashes" { print $2 }' "$scratch/pointer")" ] || fatal "$pointed is not what $1 names."
}

# ROLE FILE ROOT: as many keys of that role in the root as it asks for have signed the file.
requireSigned() {
  [ -f "$2" ] || fatal "$2 is not there."
  flatten "$2" >"$scratch/flat" || fatal "$2 cannot be read."
  [ "$(awk -F '\\t' '$1 == "signed" && $2 == "_type" { print $3 }' "$scratch/flat")" = "$1" ] || fatal "$2 is not of the role $1."
  flatten "$2" 1 | awk '{ at = index($0, "],\\"signed\\":"); print substr($0, at + 11, length($0) - at - 11) }' | tr -d '\\n' >"$scratch/payload"
  # a second member of that name, or one beside it, would read as one of the first, and nobody signed it
  ! grep -qv -e '^signed	' -e '^signatures	' "$scratch/flat" || fatal "$2 says more than was signed."
  [ "$(grep -c '^signed	' "$scratch/flat")" -eq "$(flatten "$scratch/payload" | wc -l)" ] || fatal "$2 says more than was signed."
  [ -n "$signatures" ] || return 0
  flatten "$3" >"$scratch/root"
  threshold=$(awk -F '\\t' -v role="$1" '$1 == "signed" && $2 == "roles" && $3 == role && $4 == "threshold" { print $5 }' "$scratch/root")
  case $threshold in '' | 0* | *[!0-9]*) fatal "$3 has no threshold for $1." ;; esac
  # one key counts once, by whatever names
  awk -F '\\t' -v role="$1" '
    FILENAME ~ /root$/ && $1 == "signed" && $2 == "roles" && $3 == role && $4 == "keyids" { ours[$6] = 1 }
    FILENAME ~ /root$/ && $1 == "signed" && $2 == "keys" && $4 == "keyval" && $5 == "public" { public[$3] = $6 }
    FILENAME ~ /flat$/ && $1 == "signatures" && $3 == "keyid" { id[$2] = $4 }
    FILENAME ~ /flat$/ && $1 == "signatures" && $3 == "sig" { signature[$2] = $4 }
    END { for (one in id) if (id[one] in ours && id[one] in public) print public[id[one]], signature[one] }
  ' "$scratch/root" "$scratch/flat" | sort >"$scratch/signatures"
  have=$(while read -r key signature; do
    if isSignedBy "$key" "$signature" "$scratch/payload"; then printf '%s\\n' "$key"; fi
  done <"$scratch/signatures" | sort -u | wc -l)
  [ "$have" -ge "$threshold" ] || fatal "$2 has $((have)) valid signatures, and $1 needs $threshold."
}

tellExpiry() {
  at=$(member "$1" expires)
  now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  if [ "$(printf '%s\\n%s\\n' "$at" "$now" | sort | head -n 1)" != "$now" ]; then
    printf 'Note: %s expired at %s; to install from here say --allow-expired REASON.\\n' "$1" "$at"
  fi
}

# Documents that lead to the manifest, those before it, content under its own hash that it names, and nothing that nobody vouches for.
checkContent() {
  sum=\${manifest##*/}
  sum=\${sum%%.*}
  {
    rootVersions | awk -v last="$last" -v folder="$metadata" '$1 <= last { print folder "/" $1 ".root.json" }'
    printf '%s\\n' README.txt verify "$metadata/timestamp.json" "$snapshot" "$targets" "$manifest"
    awk -F '\\t' '{ print $NF }' "$scratch/manifest"
    while [ -n "$sum" ] && [ "$(sha256 "repository/manifests/$sum.json")" = "$sum" ]; do
      printf '%s\\n' "repository/manifests/$sum.json"
      sum=$(tr ',' '\\n' <"repository/manifests/$sum.json" | sed -n 's/^[{ ]*"previous": *"\\([0-9a-f]\\{64\\}\\)".*/\\1/p')
    done
  } >"$scratch/vouched"
  [ -z "$sum" ] || problem "repository/manifests/$sum.json is not there, or not the file that its name says."
  : >"$scratch/content"
  {
    find . >/dev/null 2>&1 || printf 'A folder of it cannot be looked into.\\n'
    find . -name '*[[:cntrl:]]*' | sed 's/$/: a name that nobody publishes./' # with a line break it would pass for two
    find . ! -type f ! -type d | sed 's/$/ is no plain file./'
    find engines -type f | awk -F / 'NF < 5 || /^engines\\/([^\\/]*\\/)?([^\\/]*\\/)?\\./ { print $0 " is of no release." }'
    find . -type f ! -path './engines/*' | awk -v content="$scratch/content" '
      NR == FNR { vouched[$0]; next }
      { path = sum = substr($0, 3); sub(/.*\\//, "", sum); sub(/\\..*/, "", sum) }
      path ~ /^(repository\\/(archives|pieces|trees|deltas)|trees)\\/[^\\/]*$/ && sum in vouched { print path > content; next }
      !(path in vouched) { print path " was not published." }' "$scratch/vouched" -
  } >"$scratch/strange"
  while read -r line; do problem "$line"; done <"$scratch/strange"
  files=0
  while read -r file; do
    files=$((files + 1))
    name=\${file##*/}
    [ "$(sha256 "$file")" = "\${name%%.*}" ] || problem "$file is not the file that its name says."
  done <"$scratch/content"
}

checkReleases() {
  releases=0
  for place in engines/*/*/*; do
    [ -d "$place" ] || continue
    releases=$((releases + 1))
    rest=\${place#engines/}
    engine=\${rest%%/*}
    rest=\${rest#*/}
    awk -F '\\t' -v engine="$engine" -v version="\${rest%%/*}" -v platform="\${rest#*/}" '
      $1 == "engines" && $2 == engine && $3 == "releases" && $4 == version && $5 == "platforms" && $6 == platform { print $7 "." $8 " " $9 }
    ' "$scratch/manifest" >"$scratch/release"
    digest=$(awk '$1 == "tree.digest" { print $2 }' "$scratch/release")
    archive=$(awk '$1 == "archive.sha256" { print $2 }' "$scratch/release").$(awk '$1 == "archive.format" { print $2 }' "$scratch/release")
    if [ -z "$digest" ]; then problem "$place is no release of the channel."; continue; fi
    [ -f "repository/archives/$archive" ] || problem "the archive of $place is not there."
    checkRelease "$place" "trees/$digest.json"
  done
  [ "$releases" -gt 0 ] || problem "no release is here."
}

# PLACE LIST: all files of the list, and no others. The list's own hash was checked: it is its name.
checkRelease() {
  if [ ! -f "$2" ]; then problem "$2, the list of $1, is not there."; return; fi
  for file in sums paths programs; do : >"$scratch/$file"; done
  flatten "$2" | awk -F '\\t' -v sums="$scratch/sums" -v paths="$scratch/paths" -v programs="$scratch/programs" '
    $1 != "files" { next }
    $3 == "executable" { executable = $4 }
    $3 == "path" { path = $4 }
    $3 == "sha256" {
      if (path ~ /^\\// || path ~ /(^|\\/)\\.\\.?(\\/|$)/ || path ~ /\\\\/) { print "hostile"; next }
      print $4 "  " path > sums
      print path > paths
      if (executable == "true") print path > programs
    }' >"$scratch/hostile"
  if [ -s "$scratch/hostile" ]; then problem "$2 names a path that leads out of $1."; return; fi
  files=$((files + $(wc -l <"$scratch/paths")))
  (cd "$1" && hashes -c "$scratch/sums" 2>/dev/null) | grep -v ': OK$' >"$scratch/wrong"
  while read -r line; do problem "$1/$line"; done <"$scratch/wrong"
  (cd "$1" && find . ! -type d) | sed 's|^\\./||' | sort >"$scratch/found"
  sort "$scratch/paths" >"$scratch/expected"
  comm -23 "$scratch/found" "$scratch/expected" >"$scratch/extra" || stop "comm does not work here."
  while read -r line; do problem "$1/$line is not of this release."; done <"$scratch/extra"
  while read -r line; do
    [ -x "$1/$line" ] || printf 'Note: %s/%s is not executable here: the disk keeps no modes, or must not run programs.\\n' "$1" "$line"
  done <"$scratch/programs"
}

tellResult() {
  if [ "$problems" -gt 0 ]; then
    printf '%s problems. Not as it was published: do not use it.\\n' "$problems" >&2
    exit 1
  fi
  printf '%s, %s releases, %s files: every hash is right.\\n' "$channel" "$releases" "$files"
  if [ -z "$signatures" ]; then
    printf 'SIGNATURES WERE NOT CHECKED: there is no openssl here that knows ed25519. The hashes alone say no more than that nothing was damaged.\\n'
    [ -z "$requireSignatures" ] || exit 1
  elif [ -n "$fingerprint" ]; then
    printf 'Signatures: all that the root %s asks for.\\n' "$fingerprint"
  else
    printf 'Signatures: all that the root in here asks for. Its sha256, to be compared with what the publisher says:\\n%s\\n' "$(sha256 "$metadata/$first.root.json")"
  fi
}

main "$@"
`;
