# shellcheck shell=sh
# Copies programs and libraries with everything they are linked to, under the same paths.
copy_linked() {
  for file in "$@"; do
    echo "$file"
    ldd "$file" 2>/dev/null | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p; s/^[[:space:]]*\(\/[^ ]*\) (.*/\1/p'
  done | sort -u | while read -r path; do
    mkdir -p "$root$(dirname "$path")"
    cp -Ln "$path" "$root$path"
  done
}
