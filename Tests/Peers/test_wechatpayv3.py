"""wechatpayv3, a client of API v3 that others wrote, buys from the simulated platform."""

import gzip
import hashlib
import json
import time
import unittest

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from wechatpayv3 import WeChatPay, WeChatPayType

from simulator import Shop, Simulator

BEIJING = 8 * 3600


class PeerTest(unittest.TestCase):
    keys = "publicKey"

    @classmethod
    def setUpClass(cls):
        cls.platform = Simulator(cls.keys)
        cls.shop = Shop()
        cls.release = staticmethod(cls.platform.attract())
        cls.count = 0

    @classmethod
    def tearDownClass(cls):
        cls.release()
        cls.shop.close()
        cls.platform.stop()

    def setUp(self):
        self.platform.post("clear")
        while not self.shop.notices.empty():
            self.shop.notices.get()

    def client(self, knows_public_key=True, **changes):
        facts = dict(
            wechatpay_type=WeChatPayType.NATIVE, mchid=self.platform["merchant_id"],
            private_key=self.platform.read("certificate_key_file"),
            cert_serial_no=self.platform["merchant_serial"], appid=self.platform["app_id"],
            apiv3_key=self.platform["v3_key"], notify_url=self.shop.url)
        if knows_public_key:
            facts.update(
                public_key=self.platform.read("platform_key_file"),
                public_key_id=self.platform["platform_key_id"])
        return WeChatPay(**(facts | changes))

    def number(self):
        type(self).count += 1
        return f"PEER{int(time.time())}{self.count:04}"

    def open(self, client, number=None, fen=435):
        number = number or self.number()
        status, text = client.pay(
            description="可乐 330ml", out_trade_no=number, amount={"total": fen})
        self.assertEqual(status, 200, text)
        self.assertTrue(json.loads(text)["code_url"].startswith("weixin://wxpay/bizpayurl?pr="))
        return number

    def state(self, client, number):
        status, text = client.query(out_trade_no=number)
        self.assertEqual(status, 200, text)
        return json.loads(text)["trade_state"]

    def paid(self, client):
        """Opens an order and pays it; its number, and the notice that told of it."""
        number = self.open(client)
        self.platform.post("pay", order=number)
        return number, self.shop.notice()


class PublicKey(PeerTest):
    """A merchant of today: the platform signs by its public key."""

    def test_an_order_is_opened_asked_for_and_closed(self):
        client = self.client()
        number = self.open(client)
        self.assertEqual(self.state(client, number), "NOTPAY")
        status, text = client.close(out_trade_no=number)
        self.assertEqual((status, text), (204, b""))
        self.assertEqual(self.state(client, number), "CLOSED")
        status, text = client.pay(
            description="可乐 330ml", out_trade_no=number, amount={"total": 435})
        self.assertEqual((status, json.loads(text)["code"]), (400, "ORDER_CLOSED"))

    def test_a_payment_is_told_of_and_found_by_both_numbers(self):
        client = self.client()
        number, (headers, body) = self.paid(client)
        notice = client.callback(headers, body)
        self.assertEqual(notice["event_type"], "TRANSACTION.SUCCESS")
        payment = notice["resource"]
        self.assertEqual(payment["out_trade_no"], number)
        self.assertEqual(payment["amount"]["total"], 435)
        self.assertEqual(payment["trade_state"], "SUCCESS")
        for numbers in (
                {"out_trade_no": number}, {"transaction_id": payment["transaction_id"]}):
            status, text = client.query(**numbers)
            self.assertEqual(status, 200)
            self.assertEqual(json.loads(text)["success_time"], payment["success_time"])

    def test_a_refund_goes_to_its_end_and_is_told_of(self):
        client = self.client()
        number, _ = self.paid(client)
        status, text = client.refund(
            out_refund_no=number + "R1", out_trade_no=number, reason="没有掉货",
            amount={"refund": 435, "total": 435, "currency": "CNY"}, notify_url=self.shop.url)
        self.assertEqual(status, 200, text)
        self.assertEqual(json.loads(text)["status"], "PROCESSING")
        headers, body = self.shop.notice()
        notice = client.callback(headers, body)
        self.assertEqual(notice["event_type"], "REFUND.SUCCESS")
        self.assertEqual(notice["resource"]["out_refund_no"], number + "R1")
        self.assertEqual(notice["resource"]["amount"]["refund"], 435)
        status, text = client.query_refund(number + "R1")
        self.assertEqual((status, json.loads(text)["status"]), (200, "SUCCESS"))
        self.assertEqual(self.state(client, number), "REFUND")

    def test_bills_have_the_hash_that_was_announced(self):
        client = self.client()
        number, (headers, body) = self.paid(client)
        payment = client.callback(headers, body)["resource"]
        day = payment["success_time"][:10]
        for announce, mark in (
                (client.trade_bill, f"`{payment['transaction_id']},`{number},`"),
                (client.fundflow_bill, f"`收入,`4.35,`")):
            status, text = announce(bill_date=day)
            self.assertEqual(status, 200, text)
            announced = json.loads(text)
            status, packed = client.download_bill(
                announced["download_url"].removeprefix(self.platform["endpoint"]))
            self.assertEqual(status, 200)
            plain = gzip.decompress(packed)
            self.assertEqual(hashlib.sha1(plain).hexdigest(), announced["hash_value"])
            self.assertIn(mark, plain.decode("utf-8-sig"))

    def test_a_forged_answer_is_refused_by_the_client(self):
        client = self.client()
        number = self.open(client)
        for kind in ("badSignature", "unsigned", "probe", "otherKey", "strangeSerial",
                     "changedBody"):
            with self.subTest(kind):
                self.platform.post("fault", kind=kind, call="query")
                with self.assertRaises(Exception) as refusal:
                    client.query(out_trade_no=number)
                self.assertNotIsInstance(refusal.exception, AssertionError)
                self.assertEqual(self.state(client, number), "NOTPAY", "and the next is good")

    def test_a_forged_notice_is_refused_by_the_client(self):
        client = self.client()
        number, (headers, body) = self.paid(client)
        for kind in ("badSignature", "otherKey", "changedBody", "probe"):
            with self.subTest(kind):
                self.shop.status = 401
                self.platform.post("notice-fault", kind=kind)
                self.platform.post("notify", order=number)
                self.assertIsNone(client.callback(*self.shop.notice()))
                self.shop.status = 200
                right = client.callback(*self.shop.notice())
                self.assertEqual(right["resource"]["out_trade_no"], number)
        self.assertIsNone(client.callback(headers, body.replace(b"transaction", b"Transaction", 1)))
        stranger = self.client(apiv3_key="0" * 32)
        self.assertIsNone(stranger.callback(headers, body), "the secret opens it, nothing else")

    def test_the_platform_refuses_a_stranger(self):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()).decode()
        for client, words in (
                (self.client(private_key=key), "签名错误"),
                (self.client(cert_serial_no="1" * 40), "商户证书序列号有误")):
            status, text = client.query(out_trade_no="NOBODY0001")
            self.assertEqual((status, json.loads(text)["code"]), (401, "SIGN_ERROR"))
            self.assertIn(words, json.loads(text)["message"])
        status, text = self.client().query(out_trade_no="NOBODY0001")
        self.assertEqual((status, json.loads(text)["code"]), (404, "ORDER_NOT_EXIST"))


class Certificates(PeerTest):
    """A merchant of yesterday: the client fetches, opens and follows the certificates."""

    keys = "certificates"

    def test_it_buys_and_follows_a_new_certificate(self):
        client = self.client(knows_public_key=False)
        number, notice = self.paid(client)
        self.assertEqual(client.callback(*notice)["resource"]["out_trade_no"], number)
        serial = self.platform.post("rotate")
        number, (headers, body) = self.paid(client)
        self.assertEqual(headers["Wechatpay-Serial"], serial)
        self.assertEqual(client.callback(headers, body)["resource"]["out_trade_no"], number)
        self.assertEqual(self.state(client, number), "SUCCESS")

    def test_the_wrong_secret_opens_no_certificate(self):
        with self.assertRaises(Exception):
            self.client(knows_public_key=False, apiv3_key="0" * 32)


class Changing(PeerTest):
    """A merchant on the way: answers as asked for, notices by either key."""

    keys = "changing"

    def test_both_keys_are_in_use_until_the_switch(self):
        new, old = self.client(), self.client(knows_public_key=False)
        serials = set()
        for _ in range(40):
            number, (headers, body) = self.paid(new if len(serials) == 1 else old)
            serials.add(headers["Wechatpay-Serial"])
            self.assertEqual(new.callback(headers, body)["resource"]["out_trade_no"], number)
            if len(serials) == 2:
                break
        self.assertEqual(len(serials), 2)
        self.platform.post("keys", mode="publicKey")
        self.assertEqual(self.state(new, number), "SUCCESS")
        with self.assertRaises(Exception):
            old.query(out_trade_no=number)
        self.platform.post("keys", mode="changing")


if __name__ == "__main__":
    unittest.main()
