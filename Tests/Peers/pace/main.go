// The payment client's work in Go's standard library alone, for board/pace --go: verifies, decrypts
// and reads notices of v3, and signs and writes orders of v2. No SDK, no network.
//
// Its arguments are the corpus with the keys, the file of notices that the Python packages read too,
// and their count; each figure is a line.
package main

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	secret    = "0123456789abcdefghijklmnopqrstuv"
	serial    = "PUB_KEY_ID_0119000000012026010100000000000001"
	merchant  = "1900000001"
	app       = "wxd678efh567hg6787"
	moment    = 1767225800
	window    = 300
	apiKey    = "192006250b4c09247ec02edce69f6a2d"
	total     = 350
	algorithm = "AEAD_AES_256_GCM"
)

// A notice as it arrived: its headers by name, and its body to the byte.
type notice struct {
	headers map[string]string
	body    string
}

// What the platform sends.
type envelope struct {
	EventType string `json:"event_type"`
	Resource  struct {
		Algorithm      string `json:"algorithm"`
		Ciphertext     string `json:"ciphertext"`
		AssociatedData string `json:"associated_data"`
		Nonce          string `json:"nonce"`
	} `json:"resource"`
}

// What is hidden in it.
type transaction struct {
	AppID         string `json:"appid"`
	MerchantID    string `json:"mchid"`
	OutTradeNo    string `json:"out_trade_no"`
	TransactionID string `json:"transaction_id"`
	TradeState    string `json:"trade_state"`
	SuccessTime   string `json:"success_time"`
	Amount        struct {
		Total    int64  `json:"total"`
		Currency string `json:"currency"`
	} `json:"amount"`
}

// A merchant's end, which takes no notice twice.
type client struct {
	key  *rsa.PublicKey
	gcm  cipher.AEAD
	seen map[string]bool
}

func newClient(corpus string) (*client, error) {
	text, err := os.ReadFile(corpus + "/keys/public-key.pem")
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("no PEM")
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	key, isRSA := parsed.(*rsa.PublicKey)
	if !isRSA {
		return nil, errors.New("not an RSA key")
	}
	cipherBlock, err := aes.NewCipher([]byte(secret))
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(cipherBlock)
	return &client{key: key, gcm: gcm, seen: map[string]bool{}}, err
}

func (c *client) verify(n notice) error {
	stamp, nonce := n.headers["Wechatpay-Timestamp"], n.headers["Wechatpay-Nonce"]
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || seconds < moment-window || seconds > moment+window {
		return errors.New("stale")
	}
	if n.headers["Wechatpay-Serial"] != serial {
		return errors.New("another key")
	}
	signature, err := base64.StdEncoding.DecodeString(n.headers["Wechatpay-Signature"])
	if err != nil {
		return err
	}
	digest := sha256.Sum256([]byte(stamp + "\n" + nonce + "\n" + n.body + "\n"))
	if err := rsa.VerifyPKCS1v15(c.key, crypto.SHA256, digest[:], signature); err != nil {
		return err
	}
	if c.seen[nonce] {
		return errors.New("replayed")
	}
	c.seen[nonce] = true
	return nil
}

func (c *client) read(n notice) (*transaction, error) {
	if err := c.verify(n); err != nil {
		return nil, err
	}
	var outer envelope
	if err := json.Unmarshal([]byte(n.body), &outer); err != nil {
		return nil, err
	}
	hidden := outer.Resource
	if outer.EventType != "TRANSACTION.SUCCESS" || hidden.Algorithm != algorithm {
		return nil, errors.New("another kind of notice")
	}
	sealed, err := base64.StdEncoding.DecodeString(hidden.Ciphertext)
	if err != nil || len(hidden.Nonce) != c.gcm.NonceSize() {
		return nil, errors.New("not sealed")
	}
	plain, err := c.gcm.Open(nil, []byte(hidden.Nonce), sealed, []byte(hidden.AssociatedData))
	if err != nil {
		return nil, err
	}
	var inner transaction
	if err := json.Unmarshal(plain, &inner); err != nil {
		return nil, err
	}
	if inner.AppID != app || inner.MerchantID != merchant || inner.TradeState != "SUCCESS" ||
		inner.Amount.Total != total {
		return nil, errors.New("not this order's payment")
	}
	return &inner, nil
}

// readNotices reads the notices of the file: a line of headers, tab after tab, and one of the body.
func readNotices(file string) ([]notice, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	notices := make([]notice, 0, len(lines)/2)
	for i := 0; i+1 < len(lines); i += 2 {
		headers := map[string]string{}
		for _, field := range strings.Split(lines[i], "\t") {
			if name, value, isPair := strings.Cut(field, ": "); isPair {
				headers[name] = value
			}
		}
		notices = append(notices, notice{headers: headers, body: lines[i+1]})
	}
	return notices, nil
}

// order is an order of v2, as the Swift client makes it, with a nonce of its own.
func order(signType string) map[string]string {
	nonce := make([]byte, 16)
	if _, err := rand.Read(nonce); err != nil {
		panic(err)
	}
	return map[string]string{
		"appid": "wxd930ea5d5a258f4f", "mch_id": "10000100", "nonce_str": hex.EncodeToString(nonce),
		"sign_type": signType, "device_info": "VM-0001", "body": "可乐 330ml",
		"out_trade_no": "VM0001202601010000000001", "fee_type": "CNY",
		"total_fee": strconv.Itoa(total), "spbill_create_ip": "10.0.0.1",
		"time_expire": "20260101001320", "notify_url": "https://pay.example.com/notify",
		"trade_type": "NATIVE", "product_id": "A1",
	}
}

// check holds the signatures against the documents' own example, so that none is a fast wrong one.
func check() error {
	for signType, wanted := range map[string]string{
		"MD5":         "9A0A8659F005D6984697E2CA0A9CF3B7",
		"HMAC-SHA256": "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6",
	} {
		fields := map[string]string{
			"appid": "wxd930ea5d5a258f4f", "mch_id": "10000100", "device_info": "1000",
			"body": "test", "nonce_str": "ibuaiVcKdpRxkhJA",
		}
		if sign(fields, signType); fields["sign"] != wanted {
			return fmt.Errorf("%s of the example is %s", signType, fields["sign"])
		}
	}
	return nil
}

// sign signs by the sorted fields and the key, and writes the XML with the signature in it.
func sign(fields map[string]string, signType string) string {
	names := make([]string, 0, len(fields)+1)
	for name, value := range fields {
		if value != "" {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	var text strings.Builder
	for _, name := range names {
		text.WriteString(name + "=" + fields[name] + "&")
	}
	text.WriteString("key=" + apiKey)
	var digest []byte
	if signType == "MD5" {
		sum := md5.Sum([]byte(text.String()))
		digest = sum[:]
	} else {
		mac := hmac.New(sha256.New, []byte(apiKey))
		mac.Write([]byte(text.String()))
		digest = mac.Sum(nil)
	}
	fields["sign"] = strings.ToUpper(hex.EncodeToString(digest))
	var xml strings.Builder
	xml.WriteString("<xml>\n")
	for _, name := range append(names, "sign") {
		xml.WriteString("<" + name + "><![CDATA[" + fields[name] + "]]></" + name + ">\n")
	}
	xml.WriteString("</xml>")
	return xml.String()
}

// processorSeconds is what all threads have used: the collector's work is part of the price.
func processorSeconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	spent := time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	return spent.Seconds()
}

func measure(corpus, file string, count int) error {
	notices, err := readNotices(file)
	if err != nil || len(notices) != count {
		return fmt.Errorf("%d notices instead of %d: %v", len(notices), count, err)
	}
	if err := check(); err != nil {
		return err
	}
	var spent float64
	// Once to warm up, once to count.
	for round := 0; round < 2; round++ {
		c, err := newClient(corpus)
		if err != nil {
			return err
		}
		begin := processorSeconds()
		for _, n := range notices {
			if _, err := c.read(n); err != nil {
				return err
			}
		}
		spent = processorSeconds() - begin
	}
	fmt.Printf("notices %d\n", int(float64(count)/spent))
	for _, signType := range []string{"MD5", "HMAC-SHA256"} {
		begin := processorSeconds()
		for i := 0; i < count*10; i++ {
			sign(order(signType), signType)
		}
		spent := processorSeconds() - begin
		fmt.Printf("orders-%s %d\n", signType, int(float64(count*10)/spent))
	}
	return nil
}

func main() {
	runtime.GOMAXPROCS(1)
	count := 0
	if len(os.Args) == 4 {
		count, _ = strconv.Atoi(os.Args[3])
	}
	if count < 1 {
		fmt.Fprintln(os.Stderr, "pace CORPUS NOTICE-FILE COUNT")
		os.Exit(2)
	}
	if err := measure(os.Args[1], os.Args[2], count); err != nil {
		fmt.Fprintln(os.Stderr, "pace:", err)
		os.Exit(1)
	}
}
