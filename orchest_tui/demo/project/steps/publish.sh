# Publish: put the report where other projects find it. A step may be a shell script; it needs no Python at all.
set -eu

shared=${DATA_DIR:-/data}
[ -w "$shared" ] || shared=../data # where steps run without a container, /data may be missing
target=$shared/bike-rentals/report

mkdir -p "$target"
cp ../report/* "$target"/
cat "$target/report.md"
echo "The report is in $target."
