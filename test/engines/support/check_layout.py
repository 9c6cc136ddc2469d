"""Whether the system's loader would take a program, as LIEF models its look: prints JSON, `{"ok": bool, "why": str}`."""
import json
import sys

import lief



def windows(program):
    """What LIEF leaves out: where sections lie, and how large the image is."""
    header, end, raw = program.optional_header, 0, 0
    for section in program.sections:
        if section.virtual_address % header.section_alignment or section.virtual_address < end:
            return False, f"{section.name} lies at {section.virtual_address}"
        if section.sizeof_raw_data and (section.pointerto_raw_data % header.file_alignment or section.pointerto_raw_data < raw):
            return False, f"{section.name} lies at {section.pointerto_raw_data} of the file"
        size = max(section.virtual_size, 1)
        end = -(-(section.virtual_address + size) // header.section_alignment) * header.section_alignment
        raw = max(raw, section.pointerto_raw_data + section.sizeof_raw_data)
    if end != header.sizeof_image:
        return False, f"the image is said to be of {header.sizeof_image} bytes and is of {end}"
    place = program.data_directory(lief.PE.DataDirectory.TYPES.CERTIFICATE_TABLE)
    if place.size and place.rva < raw:
        return False, "a signature lies over a section"
    return lief.PE.check_layout(program)


path = sys.argv[1]
if lief.is_macho(path):
    ok, why = lief.MachO.check_layout(lief.MachO.parse(path))
elif lief.is_pe(path):
    ok, why = windows(lief.PE.parse(path))
else:
    ok, why = lief.ELF.check_layout(lief.ELF.parse(path))
print(json.dumps({"ok": ok, "why": " ".join(why.split())}))
