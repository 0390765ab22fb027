"""wechatpy, a client of API v2 that others wrote, buys from the simulated platform."""

import datetime
import json
import time
import unittest

import requests
from wechatpayv3 import WeChatPay as WeChatPayV3
from wechatpayv3 import WeChatPayType
from wechatpy.exceptions import InvalidSignatureException, WeChatPayException
from wechatpy.pay import WeChatPay

from simulator import Shop, Simulator

TAKEN = b"<xml><return_code><![CDATA[SUCCESS]]></return_code></xml>"


class Wechatpy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.platform = Simulator()
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
        self.shop.reply = TAKEN
        while not self.shop.notices.empty():
            self.shop.notices.get()

    def client(self, **changes):
        facts = dict(
            appid=self.platform["app_id"], api_key=self.platform["v2_key"],
            mch_id=self.platform["merchant_id"], mch_cert=self.platform["certificate_file"],
            mch_key=self.platform["certificate_key_file"])
        return WeChatPay(**(facts | changes))

    def open(self, client, **more):
        type(self).count += 1
        number = f"OLD{int(time.time())}{self.count:04}"
        answer = client.order.create(
            trade_type="NATIVE", body="可乐 330ml & <冰>", total_fee=435,
            notify_url=self.shop.url, client_ip="127.0.0.1", out_trade_no=number,
            product_id="A1", **more)
        # The package leaves it to its user to check answers; this is its own check.
        self.assertTrue(client.check_signature(answer))
        self.assertTrue(answer["code_url"].startswith("weixin://wxpay/bizpayurl?pr="))
        return number

    def query(self, client, number):
        answer = client.order.query(out_trade_no=number)
        self.assertTrue(client.check_signature(answer))
        return answer

    def paid(self, client, **more):
        number = self.open(client, **more)
        self.platform.post("pay", order=number)
        return number, self.shop.notice()[1]

    def test_an_order_is_opened_asked_for_and_closed(self):
        client = self.client()
        number = self.open(client)
        self.assertEqual(self.query(client, number)["trade_state"], "NOTPAY")
        self.assertTrue(client.check_signature(client.order.close(number)))
        self.assertEqual(self.query(client, number)["trade_state"], "CLOSED")
        with self.assertRaises(WeChatPayException) as refusal:
            client.order.close(number)
        self.assertEqual(refusal.exception.errcode, "ORDERCLOSED")

    def test_a_payment_is_told_of_and_found(self):
        client = self.client()
        number, body = self.paid(client)
        payment = client.parse_payment_result(body)
        self.assertEqual((payment["out_trade_no"], payment["total_fee"]), (number, 435))
        found = self.query(client, number)
        self.assertEqual(found["trade_state"], "SUCCESS")
        self.assertEqual(found["transaction_id"], payment["transaction_id"])

    def test_a_refund_goes_to_its_end_and_is_told_of(self):
        client = self.client()
        number, _ = self.paid(client)
        answer = client.refund.apply(
            total_fee=435, refund_fee=435, out_refund_no=number + "R1", out_trade_no=number,
            notify_url=self.shop.url)
        self.assertTrue(client.check_signature(answer))
        news = client.parse_refund_notify_result(self.shop.notice()[1])
        self.assertEqual((news["out_refund_no"], news["refund_fee"]), (number + "R1", 435))
        self.assertEqual(news["refund_status"], "SUCCESS")
        found = client.refund.query(out_refund_no=number + "R1")
        self.assertTrue(client.check_signature(found))
        self.assertEqual(found["refund_status_0"], "SUCCESS")

    def test_a_bill_has_what_was_paid(self):
        client = self.client()
        number, _ = self.paid(client)
        zone = datetime.timezone(datetime.timedelta(hours=8))
        bill = client.tools.download_bill(datetime.datetime.now(zone))
        self.assertIn(f",`{number},`", bill)

    def test_a_forged_answer_or_notice_is_seen_by_the_client(self):
        client = self.client()
        number, body = self.paid(client)
        self.platform.post("fault", kind="badSignature", call="query")
        self.assertFalse(client.check_signature(client.order.query(out_trade_no=number)))
        with self.assertRaises(InvalidSignatureException):
            client.parse_payment_result(body.replace(b"435", b"436"))
        self.shop.reply = b"<html></html>"
        self.platform.post("notice-fault", kind="badSignature")
        self.platform.post("notify", order=number)
        with self.assertRaises(InvalidSignatureException):
            client.parse_payment_result(self.shop.notice()[1])
        self.shop.reply = TAKEN
        right = client.parse_payment_result(self.shop.notice()[1])
        self.assertEqual(right["out_trade_no"], number)

    def test_the_platform_refuses_a_stranger(self):
        with self.assertRaises(WeChatPayException) as refusal:
            self.client(api_key="0" * 32).order.query(out_trade_no="NOBODY0001")
        self.assertEqual(refusal.exception.return_msg, "签名错误")
        number, _ = self.paid(self.client())
        with self.assertRaises((WeChatPayException, requests.RequestException)):
            self.client(mch_cert=None, mch_key=None).refund.apply(
                total_fee=435, refund_fee=435, out_refund_no=number + "R1", out_trade_no=number)
        self.assertEqual(self.platform.order(number)["refunds"], [])

    def test_the_other_api_has_the_same_orders(self):
        number, _ = self.paid(self.client())
        other = WeChatPayV3(
            wechatpay_type=WeChatPayType.NATIVE, mchid=self.platform["merchant_id"],
            private_key=self.platform.read("certificate_key_file"),
            cert_serial_no=self.platform["merchant_serial"], appid=self.platform["app_id"],
            apiv3_key=self.platform["v3_key"], notify_url=self.shop.url,
            public_key=self.platform.read("platform_key_file"),
            public_key_id=self.platform["platform_key_id"])
        status, text = other.query(out_trade_no=number)
        self.assertEqual((status, json.loads(text)["trade_state"]), (200, "SUCCESS"))
        status, text = other.refund(
            out_refund_no=number + "R1", out_trade_no=number,
            amount={"refund": 35, "total": 435, "currency": "CNY"}, notify_url=self.shop.url)
        self.assertEqual(status, 200, text)
        self.assertEqual(self.query(self.client(), number)["trade_state"], "REFUND")


if __name__ == "__main__":
    unittest.main()
