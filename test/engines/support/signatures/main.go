// Reads the signature of each file by go-macho, has go-macho sign the same code anew, and says where the two differ.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/blacktop/go-macho"
	"github.com/blacktop/go-macho/pkg/codesign"
	cstypes "github.com/blacktop/go-macho/pkg/codesign/types"
)

// What is printed of a file.
type answer struct {
	ID       string   `json:"id"`
	Pages    int      `json:"pages"`
	Problems []string `json:"problems"`
}

func main() {
	for _, path := range os.Args[1:] {
		found, err := look(path)
		if err != nil {
			found.Problems = append(found.Problems, err.Error())
		}
		if err := json.NewEncoder(os.Stdout).Encode(found); err != nil {
			panic(err)
		}
	}
}

func look(path string) (answer, error) {
	found := answer{Problems: []string{}}
	program, err := os.Open(path)
	if err != nil {
		return found, err
	}
	defer program.Close()
	size, err := program.Seek(0, io.SeekEnd)
	if err != nil {
		return found, err
	}
	file, err := macho.NewFile(program)
	if err != nil {
		return found, err
	}
	say := func(format string, words ...any) {
		found.Problems = append(found.Problems, fmt.Sprintf(format, words...))
	}
	signature := file.CodeSignature()
	if signature == nil || len(signature.CodeDirectories) == 0 {
		return found, fmt.Errorf("not signed")
	}
	for _, problem := range signature.Errors {
		say("%v", problem)
	}
	text, link := file.Segment("__TEXT"), file.Segment("__LINKEDIT")
	if text == nil || link == nil {
		return found, fmt.Errorf("no __TEXT or no __LINKEDIT")
	}
	end := uint64(signature.Offset) + uint64(signature.Size)
	if end != link.Offset+link.Filesz || end != uint64(size) {
		say("the signature ends at %d, __LINKEDIT at %d, the file at %d", end, link.Offset+link.Filesz, size)
	}
	directory := signature.CodeDirectories[0]
	found.ID, found.Pages = directory.ID, len(directory.CodeSlots)
	if directory.CodeLimit != uint64(signature.Offset) {
		say("%d bytes are covered, %d lie before the signature", directory.CodeLimit, signature.Offset)
	}
	header := directory.Header
	if header.ExecSegBase != text.Offset || header.ExecSegLimit != text.Filesz {
		say("the code is said to be %d bytes from %d", header.ExecSegLimit, header.ExecSegBase)
	}
	if header.Flags&cstypes.ADHOC == 0 {
		say("it is not said to be ad hoc")
	}
	again, err := signed(program, directory, text)
	if err != nil {
		return found, err
	}
	if len(again.CodeSlots) != len(directory.CodeSlots) {
		say("%d hashes for %d pages", len(directory.CodeSlots), len(again.CodeSlots))
	}
	for place, slot := range directory.CodeSlots {
		if place < len(again.CodeSlots) && !bytes.Equal(slot.Hash, again.CodeSlots[place].Hash) {
			say("page %d has another hash", place)
		}
	}
	return found, nil
}

func signed(program io.ReaderAt, directory cstypes.CodeDirectory, text *macho.Segment) (cstypes.CodeDirectory, error) {
	limit := int64(directory.CodeLimit)
	config := codesign.Config{
		ID: directory.ID, IsMain: true, Flags: cstypes.ADHOC, CodeSize: uint64(limit), TextOffset: text.Offset, TextSize: text.Filesz,
	}
	config.InitSlotHashes()
	blob, err := codesign.Sign(io.NewSectionReader(program, 0, limit), &config)
	if err != nil {
		return cstypes.CodeDirectory{}, err
	}
	parsed, err := codesign.ParseCodeSignature(blob)
	if err != nil {
		return cstypes.CodeDirectory{}, err
	}
	return parsed.CodeDirectories[0], nil
}
