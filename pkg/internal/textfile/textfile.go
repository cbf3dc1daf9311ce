// Package textfile reads the text files that people write by hand or export
// from Windows: configuration, tokens and certificates.
package textfile

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
)

var (
	// ErrUTF16 is text in UTF-16, as Notepad and older versions of PowerShell save it.
	ErrUTF16 = errors.New("is UTF-16: save it as UTF-8")
	// ErrTooLarge is a file that exceeds the caller's limit.
	ErrTooLarge = errors.New("it is too large")
	// ErrDirectory is a directory instead of a file.
	ErrDirectory = errors.New("it is a directory")
)

// UTF8 returns text without its byte order mark. The error is ErrUTF16, also for text without a mark
// if one of the first two bytes is 0, as in an ASCII letter in UTF-16.
func UTF8(text []byte) ([]byte, error) {
	utf16 := bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) ||
		len(text) > 1 && (text[0] == 0) != (text[1] == 0)
	if utf16 {
		return nil, ErrUTF16
	}
	return bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), nil
}

// Read reads a file of at most limit bytes. It may be a pipe or a device. Errors are without the path.
func Read(path string, limit int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, WithoutPath(err)
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return nil, ErrDirectory
	}
	text, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, WithoutPath(err)
	}
	if int64(len(text)) > limit {
		return nil, ErrTooLarge
	}
	return text, nil
}

// WithoutPath is the error of a file operation, without the operation and the path.
func WithoutPath(err error) error {
	if path, ok := errors.AsType[*os.PathError](err); ok {
		return WithoutStop(path.Err)
	}
	if link, ok := errors.AsType[*os.LinkError](err); ok {
		return WithoutStop(link.Err)
	}
	return err
}

// WithoutStop removes the full stop that ends messages of Windows, so that the text can continue a
// sentence.
func WithoutStop(err error) error {
	if strings.HasSuffix(err.Error(), ".") {
		return unstopped{err}
	}
	return err
}

type unstopped struct{ err error }

func (e unstopped) Error() string { return strings.TrimSuffix(e.err.Error(), ".") }

func (e unstopped) Unwrap() error { return e.err }
