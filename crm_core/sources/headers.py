"""Names of source columns: which of them are the same name, and what they are called in three languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from crm_core.base import InputError

_SAME_LETTERS = str.maketrans("يىكةأإآٱؤئ", "ییکهااااوی")
_NOT_PART_OF_A_NAME = re.compile(r"[\s_\-.:/()\[\]#\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\u0640]+")
_HARAKAT = re.compile("[\u064b-\u0652\u0670]")


def normalise(name: str) -> str:
    """A column's name without what people vary: case, spaces, underscores, half-spaces, Arabic ي and ك.

    >>> normalise("Customer ID") == normalise("customer_id")
    True
    """
    folded = unicodedata.normalize("NFKC", name).casefold().translate(_SAME_LETTERS)
    return _NOT_PART_OF_A_NAME.sub("", _HARAKAT.sub("", folded))


class SourceColumns:
    """The columns of a file, found by their exact name or else by one that differs only in what people vary.

    Raises:
        InputError: Two columns have the same name.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self._exact = frozenset(names)
        if len(self._exact) < len(self.names):
            twice = sorted({name for name in self.names if self.names.count(name) > 1})
            raise InputError("import.duplicate_columns", columns=", ".join(twice))
        self._alike: dict[str, str | None] = {}
        for name in names:
            key = normalise(name)
            self._alike[key] = None if key in self._alike else name

    def find(self, name: str) -> str | None:
        """The column that a name means, or None when there is none or more than one that is alike."""
        stripped = name.strip()
        for exact in (name, stripped):
            if exact in self._exact:
                return exact
        return self._alike.get(normalise(stripped)) if stripped else None


def _names(text: str) -> tuple[str, ...]:
    return tuple(normalise(name) for name in text.split(","))


QUANTITY = _names("quantity,qty,units,pieces,item count,order quantity,تعداد,مقدار,จำนวน,ปริมาณ,จำนวนชิ้น")
UNIT_PRICE = _names(
    "price,unit price,unitprice,price each,item price,list price,sale price,"
    "قیمت,قیمت واحد,فی,بهای واحد,ราคา,ราคาต่อหน่วย,ราคาต่อชิ้น"
)

_DATE = "date,datetime,timestamp,time,day,تاریخ,زمان,วันที่,วันเวลา"
_CURRENCY = _names("currency,currency code,ccy,واحد پول,ارز,نوع ارز,สกุลเงิน")
_CHANNEL = _names(
    "channel,sales channel,order channel,store type,contact channel,کانال,کانال فروش,ช่องทาง,ช่องทางการขาย"
)
_CUSTOMER = _names(
    "customer id,customer,cust id,customer no,customer number,customer code,client id,client,user id,"
    "member id,account id,buyer id,contact id,کد مشتری,شناسه مشتری,شماره مشتری,مشتری,کد اشتراک,شماره عضویت,"
    "รหัสลูกค้า,ลูกค้า,เลขที่ลูกค้า,รหัสสมาชิก,หมายเลขลูกค้า"
)

WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "orders": {
        "order_id": _names(
            "order id,order,order no,order number,invoice,invoice no,invoice id,invoice number,receipt,"
            "receipt no,transaction id,transaction,basket id,bill no,"
            "شماره سفارش,کد سفارش,سفارش,شماره فاکتور,فاکتور,شناسه سفارش,"
            "เลขที่คำสั่งซื้อ,รหัสคำสั่งซื้อ,คำสั่งซื้อ,เลขที่ใบแจ้งหนี้,เลขที่ใบเสร็จ,เลขที่บิล"
        ),
        "customer_id": _CUSTOMER,
        "ordered_at": _names(
            "ordered at,order date,order time,order datetime,invoice date,purchase date,transaction date,"
            "sale date,sales date,date of purchase,purchased at,"
            "تاریخ سفارش,تاریخ خرید,تاریخ فاکتور,تاریخ فروش,"
            "วันที่สั่งซื้อ,วันที่ซื้อ,วันที่ขาย,วันที่ใบแจ้งหนี้," + _DATE
        ),
        "amount": _names(
            "amount,total,line total,total amount,total price,net amount,revenue,sales,sales amount,"
            "line amount,net sales,spend,value,مبلغ,مبلغ کل,جمع,جمع کل,مبلغ نهایی,مبلغ خالص,قیمت کل,فروش,"
            "ยอดเงิน,ยอดรวม,จำนวนเงิน,มูลค่า,ราคารวม,ยอดขาย,ยอดสุทธิ"
        ),
        "currency": _CURRENCY,
        "quantity": QUANTITY,
        "product_id": _names(
            "product id,product code,sku,stock code,stockcode,item id,item code,item no,article,article no,"
            "کد کالا,کد محصول,شناسه محصول,شناسه کالا,รหัสสินค้า"
        ),
        "product": _names(
            "product,product name,description,item,item name,title,"
            "نام کالا,نام محصول,کالا,محصول,شرح کالا,شرح,"
            "สินค้า,ชื่อสินค้า,รายการสินค้า,รายการ"
        ),
        "category": _names(
            "category,product category,department name,product line,product group,دسته,دسته بندی,گروه کالا,"
            "گروه محصول,หมวดหมู่,ประเภทสินค้า,หมวด,กลุ่มสินค้า"
        ),
        "cost": _names("cost,unit cost total,cost of goods,cogs,total cost,بهای تمام شده,هزینه,ต้นทุน,ต้นทุนรวม"),
        "discount": _names("discount,discount amount,rebate,تخفیف,مبلغ تخفیف,ส่วนลด"),
        "channel": _CHANNEL,
        "brand": _names("brand,manufacturer,برند,نام تجاری,مارک,ยี่ห้อ,แบรนด์,ตราสินค้า"),
    },
    "customers": {
        "customer_id": _CUSTOMER,
        "name": _names(
            "name,customer name,full name,client name,company name,company,نام,نام مشتری,نام و نام خانوادگی,"
            "نام شرکت,ชื่อ,ชื่อลูกค้า,ชื่อสกุล,ชื่อบริษัท,ชื่อนามสกุล"
        ),
        "kind": _names("kind,customer type,type,account type,نوع مشتری,نوع,ประเภทลูกค้า"),
        "email": _names("email,e mail,email address,mail,ایمیل,پست الکترونیک,پست الکترونیکی,อีเมล,อีเมล์"),
        "phone": _names(
            "phone,phone number,mobile,telephone,cell,cell phone,mobile number,تلفن,موبایل,شماره تماس,"
            "تلفن همراه,شماره موبایل,โทรศัพท์,เบอร์โทร,เบอร์โทรศัพท์,มือถือ"
        ),
        "city": _names("city,town,شهر,เมือง,อำเภอ,เขต"),
        "region": _names("region,state,province,area,territory,استان,منطقه,ناحیه,จังหวัด,ภูมิภาค,ภาค"),
        "country": _names("country,country code,nation,کشور,ประเทศ"),
        "language": _names("language,preferred language,locale,زبان,ภาษา"),
        "birth_date": _names("birth date,birthdate,date of birth,dob,birthday,تاریخ تولد,วันเกิด,วันเดือนปีเกิด"),
        "created_at": _names(
            "created at,created,registered at,registration date,sign up date,signup date,join date,joined at,"
            "customer since,member since,تاریخ ثبت نام,تاریخ عضویت,تاریخ ایجاد,วันที่สมัคร,วันที่ลงทะเบียน"
        ),
        "acquisition_channel": _names(
            "acquisition channel,source,lead source,acquired through,کانال جذب,نحوه آشنایی,ช่องทางได้มา"
        ),
        "owner": _names("owner,account manager,sales rep,salesperson,کارشناس فروش,مسئول,ผู้ดูแล,พนักงานขาย"),
        "department": _names("department,branch,store,شعبه,بخش,สาขา,แผนก"),
        "referred_by": _names("referred by,referrer,referral,معرف,کد معرف,ผู้แนะนำ,แนะนำโดย"),
        "potential": _names("potential,prospect,is lead,بالقوه,ว่าที่ลูกค้า"),
    },
    "consents": {
        "customer_id": _CUSTOMER,
        "channel": _CHANNEL,
        "allowed": _names("allowed,consent,opt in,opted in,subscribed,رضایت,مجاز,ยินยอม,ความยินยอม"),
        "changed_at": _names(
            "changed at,consent date,updated at,opt in date,تاریخ رضایت,تاریخ تغییر,วันที่ยินยอม," + _DATE
        ),
        "purpose": _names("purpose,هدف,วัตถุประสงค์"),
        "source": _names("source,منبع,แหล่งที่มา"),
    },
    "contacts": {
        "customer_id": _CUSTOMER,
        "contacted_at": _names("contacted at,contact date,sent at,call date,تاریخ تماس,วันที่ติดต่อ"),
        "channel": _CHANNEL,
        "direction": _names("direction,جهت,ทิศทาง"),
        "campaign_id": _names("campaign id,campaign,کمپین,کد کمپین,แคมเปญ,รหัสแคมเปญ"),
        "outcome": _names("outcome,result,response,نتیجه,ผลลัพธ์,ผล"),
        "cost": _names("cost,contact cost,هزینه,ต้นทุน,ค่าใช้จ่าย"),
        "currency": _CURRENCY,
    },
    "payments": {
        "customer_id": _CUSTOMER,
        "due_at": _names("due at,due date,payment due,سررسید,تاریخ سررسید,วันครบกำหนด,วันที่ครบกำหนด"),
        "amount": _names("amount,total,invoice amount,مبلغ,مبلغ کل,ยอดเงิน,จำนวนเงิน,ยอดรวม"),
        "invoice_id": _names("invoice id,invoice,invoice no,شماره فاکتور,فاکتور,เลขที่ใบแจ้งหนี้"),
        "order_id": _names("order id,order no,order,شماره سفارش,เลขที่คำสั่งซื้อ"),
        "paid_at": _names("paid at,payment date,paid date,تاریخ پرداخت,วันที่ชำระ,วันที่จ่าย"),
        "currency": _CURRENCY,
    },
    "complaints": {
        "customer_id": _CUSTOMER,
        "opened_at": _names("opened at,opened,complaint date,case date,ticket date,تاریخ شکایت,วันที่ร้องเรียน"),
        "case_id": _names("case id,case,ticket,ticket id,complaint id,شماره شکایت,شماره پرونده,เลขที่เคส"),
        "resolved_at": _names("resolved at,resolved,closed at,resolution date,تاریخ رسیدگی,วันที่แก้ไข,วันที่ปิดเคส"),
        "topic": _names("topic,subject,complaint type,موضوع,نوع شکایت,หัวข้อ,เรื่อง"),
        "severity": _names("severity,priority,شدت,اولویت,ความรุนแรง,ระดับ"),
        "satisfaction": _names("satisfaction,csat,رضایت,ความพึงพอใจ"),
    },
    "surveys": {
        "customer_id": _CUSTOMER,
        "answered_at": _names(
            "answered at,survey date,response date,submitted at,تاریخ پاسخ,วันที่ตอบ," + _DATE
        ),
        "question": _names("question,survey question,پرسش,سوال,คำถาม"),
        "score": _names("score,rating,answer,امتیاز,نمره,پاسخ,คะแนน,คำตอบ"),
    },
    "contracts": {
        "customer_id": _CUSTOMER,
        "started_at": _names(
            "started at,start date,contract start,valid from,تاریخ شروع,شروع قرارداد,วันเริ่ม,วันที่เริ่มสัญญา"
        ),
        "ended_at": _names(
            "ended at,end date,contract end,valid to,cancelled at,تاریخ پایان,پایان قرارداد,"
            "วันสิ้นสุด,วันที่สิ้นสุดสัญญา"
        ),
        "plan": _names("plan,contract,tariff,package,subscription,طرح,بسته,แพ็กเกจ,แผน"),
        "monthly_amount": _names(
            "monthly amount,monthly charges,monthly fee,mrr,مبلغ ماهانه,ค่าบริการรายเดือน,ยอดรายเดือน"
        ),
        "currency": _CURRENCY,
    },
    "rates": {
        "currency": _CURRENCY,
        "valid_from": _names("valid from,rate date,تاریخ نرخ,วันที่อัตรา," + _DATE),
        "rate": _names("rate,exchange rate,fx rate,نرخ,نرخ ارز,อัตรา,อัตราแลกเปลี่ยน"),
    },
}
"""Names under which the columns of the canonical tables come in English, Persian and Thai, normalised."""

OPENINGS: dict[str, tuple[str, ...]] = {
    "customer_id": _CUSTOMER,
    "points": _names(
        "points,points balance,point balance,loyalty points,balance,امتیاز,امتیازها,مانده امتیاز,"
        "คะแนน,คะแนนคงเหลือ,ยอดคะแนน,คะแนนสะสม"
    ),
    "tier": _names("tier,tier name,level,membership level,سطح,سطح عضویت,ระดับ,ระดับสมาชิก"),
}
"""Columns of a file of opening balances."""
