"""Whether the system's loader would take a program, as LIEF models its look: prints JSON, `{"ok": bool, "why": str}`."""
import json
import sys

import lief

path = sys.argv[1]
if lief.is_macho(path):
    ok, why = lief.MachO.check_layout(lief.MachO.parse(path))
elif lief.is_pe(path):
    ok, why = lief.PE.check_layout(lief.PE.parse(path))
else:
    ok, why = lief.ELF.check_layout(lief.ELF.parse(path))
print(json.dumps({"ok": ok, "why": " ".join(why.split())}))
