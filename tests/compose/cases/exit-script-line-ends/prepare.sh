#!/bin/sh
printf '#!/bin/sh\r\necho never\r\n' >script.sh
chmod 755 script.sh
