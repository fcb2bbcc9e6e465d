#!/bin/sh
# Builds the image of docs/runbooks/kubernetes/Dockerfile where no image can be pulled and no package installed: both of its base images
# are replaced by one that has this machine's programs and .NET runtime, and whose apt-get and dotnet publish only copy what is there.
#
#   make-runbooks-image.sh BASE TAG CHECKOUT CLI      BASE: of make-postgres-image.sh; CLI: the folder of the dbsafety that was built
set -eu
. "$(dirname "$0")/copy-linked.sh"
base=$1 tag=$2 checkout=$3 cli=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root/usr/share/dotnet/shared" "$root/usr/bin" "$root/usr/local/bin" "$work/context/docs"

for tool in curl date dirname flock grep jq ln mktemp mv rm tail tr tee touch uname; do copy_linked "$(command -v "$tool")"; done
dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
cp -r "$dotnet/host" "$root/usr/share/dotnet/"
cp -r "$dotnet/shared/Microsoft.NETCore.App" "$root/usr/share/dotnet/shared/"
find "$dotnet/shared/Microsoft.NETCore.App" "$dotnet/host" -name '*.so' | while read -r library; do copy_linked "$library"; done
# What .NET and dbsafety load by name.
for library in /usr/lib/*/libssl.so.3 /usr/lib/*/libcrypto.so.3 /usr/lib/*/libzstd.so.1; do copy_linked "$library"; done
cp -r "$cli" "$root/published"
printf '#!/bin/sh\nexit 0\n' > "$root/usr/bin/apt-get"
# dotnet publish PROJECT … -o FOLDER
printf '#!/bin/sh\nwhile [ "$1" != -o ]; do shift; done\ncp -r /published "$2"\n' > "$root/usr/bin/dotnet"
chmod 755 "$root/usr/bin/apt-get" "$root/usr/bin/dotnet"
printf 'FROM %s\nCOPY root /\nENV PATH=/usr/local/bin:/usr/bin:/bin\n' "$base" > "$work/Dockerfile"
export DOCKER_BUILDKIT=0
docker build -q --network none -t "$tag-base" "$work"

cp -r "$checkout/docs/runbooks" "$work/context/docs/"
sed "s#^FROM mcr.microsoft.com/dotnet/sdk:[^ ]* AS#FROM $tag-base AS#; s#^FROM postgres:.*#FROM $tag-base#" "$checkout/docs/runbooks/kubernetes/Dockerfile" > "$work/context/Dockerfile"
[ "$(grep -c "^FROM $tag-base" "$work/context/Dockerfile")" = 2 ]
docker build -q --network none -t "$tag" "$work/context"
