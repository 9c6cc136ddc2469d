"""Holds a program with engines in it against the one that it was made from, by LIEF: prints JSON, `{"same": bool, ...}`."""
import json
import sys

import lief


def mach_o(path):
    program = lief.MachO.parse(path).at(0)
    facts = {
        "symbols": [(one.name, one.value) for one in program.symbols],
        "exports": sorted(one.name for one in program.exported_symbols),
        "bindings": sorted((one.address, one.symbol.name if one.symbol else "") for one in program.bindings),
        "relocations": sorted(one.address for one in program.relocations),
        "functions": sorted(one.address for one in program.functions),
        "entry": program.entrypoint,
        "segments": [(one.name, one.virtual_address) for one in program.segments if one.name not in ("__ENGINERY", "__LINKEDIT")],
        "code": bytes(program.get_section("__TEXT", "__text").content).hex(),
    }
    section = program.get_section("__ENGINERY", "__engines")
    layout, why = lief.MachO.check_layout(program)
    return facts, layout, why, None if section is None else bytes(section.content[:63]).decode(), program.segments[len(program.segments) - 1].name


def windows(path):
    program = lief.PE.parse(path)
    facts = {
        "imports": [(one.name, [entry.name for entry in one.entries]) for one in program.imports],
        "sections": [(one.name, one.virtual_address, bytes(one.content).hex()) for one in program.sections if one.name != ".enginry"],
        "entry": program.entrypoint,
        "relocations": len(program.relocations),
    }
    section = program.get_section(".enginry")
    layout, why = lief.PE.check_layout(program) if hasattr(lief.PE, "check_layout") else (True, "")
    last = program.sections[len(program.sections) - 1]
    step = program.optional_header.section_alignment
    end = (last.virtual_address + last.virtual_size + step - 1) // step * step
    layout = layout and end == program.optional_header.sizeof_image
    return facts, layout, why, None if section is None else bytes(section.content[:63]).decode(), last.name


read = {"osx": mach_o, "win": windows}[sys.argv[1]]
before, after = read(sys.argv[2]), read(sys.argv[3])
print(json.dumps({
    "same": before[0] == after[0], "layoutBefore": before[1], "layout": after[1], "why": after[2], "head": after[3], "last": after[4],
    "facts": {name: len(value) if isinstance(value, (list, str)) else value for name, value in after[0].items()},
}))
