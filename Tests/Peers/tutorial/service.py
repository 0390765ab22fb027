"""A payment service of the shape that tutorials show, finished: Flask, the Python SDK
`wechatpayv3`, SQLite. It takes a notice of v3, lets the SDK verify and decrypt it, compares the
amount, marks the order as paid in one transaction, and answers 204; and it answers the poll by
order number. `board/bench-service` loads it beside ours, with the same notices.

CORPUS (the keys) and ORDERS (a file: the database) come by the environment.
"""

import os
import sqlite3

from flask import Flask, g, jsonify, request
from wechatpayv3 import WeChatPay, WeChatPayType

corpus, orders = os.environ["CORPUS"], os.environ["ORDERS"]


def key(name):
    with open(f"{corpus}/keys/{name}", encoding="ascii") as file:
        return file.read()


client = WeChatPay(
    wechatpay_type=WeChatPayType.NATIVE, mchid="1900000001", appid="wxd678efh567hg6787",
    private_key=key("merchant-key.pem"), apiv3_key="0123456789abcdefghijklmnopqrstuv",
    cert_serial_no="3775B6A45ACD588826D15E583A95F5DD5A1B2C3D",
    notify_url="https://pay.example.com/notify", public_key=key("public-key.pem"),
    public_key_id="PUB_KEY_ID_0119000000012026010100000000000001")
app = Flask(__name__)


def database():
    if "database" not in g:
        g.database = sqlite3.connect(orders, timeout=30)
        # As durable as ours: what was answered is on the disk.
        g.database.execute("PRAGMA journal_mode = WAL")
        g.database.execute("PRAGMA synchronous = FULL")
    return g.database


@app.teardown_appcontext
def close(_):
    opened = g.pop("database", None)
    if opened is not None:
        opened.close()


@app.post("/notify/v3")
def notify():
    event = client.callback(request.headers, request.data.decode("utf-8"))
    if not event or event["event_type"] != "TRANSACTION.SUCCESS":
        return jsonify(code="FAIL", message="not taken"), 500
    paid = event["resource"]
    with database() as connection:
        connection.execute("BEGIN IMMEDIATE")
        row = connection.execute(
            "SELECT amount, state FROM orders WHERE number = ?",
            (paid["out_trade_no"],)).fetchone()
        if row is None or row[0] != paid["amount"]["total"]:
            return jsonify(code="FAIL", message="not taken"), 500
        if row[1] == "open":
            connection.execute(
                "UPDATE orders SET state = 'paid', transaction_id = ? WHERE number = ?",
                (paid["transaction_id"], paid["out_trade_no"]))
    return "", 204


@app.get("/orders/<number>/status")
def status(number):
    row = database().execute("SELECT state FROM orders WHERE number = ?", (number,)).fetchone()
    return (jsonify(state=row[0]), 200) if row else (jsonify(state="unknown"), 404)
