#!/bin/sh
# Says in one sentence why this user cannot run the lab of this checkout; nothing where they can. Where root was here
# first, every command would end in a "Permission denied" of its own.
cd "$(dirname "$0")/.." || exit
for path in . .lab .lab/venv; do
    if [ -e "$path" ] && ! { [ -w "$path" ] && [ -x "$path" ]; }; then
        owner=$(ls -ld "$path" | awk '{ print $3 }')
        [ "$path" = . ] && path=$(pwd)
        echo "You may not write into $path, which belongs to $owner: run make as $owner, or in a clone of your own"
        break
    fi
done
